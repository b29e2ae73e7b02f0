package dev.agentlab.dialects;

import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.memory.MemoryBudget;
import java.time.Instant;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The dialect of Anthropic's Messages API (https://platform.claude.com/docs/en/api/messages).
///
/// Data that OpenAI has no member for is in `extra_content.anthropic`: of a message, `content` has
/// the blocks that are neither text nor tool calls, in particular thinking blocks with their
/// signature, and `citations`; of a choice, the stop reason; of the usage, additional counts. When
/// a caller sends such a message back, its blocks are sent to Anthropic unchanged, before its text
/// and its tool calls. Thinking is also readable in `reasoning_content`.
///
/// Request members that are specific to Anthropic, such as `thinking`, `top_k`, `cache_control` or
/// Anthropic's own types of tools and content blocks, are sent unchanged.
public final class Anthropic implements Dialect {
  /// The member that contains provider-specific data.
  static final String EXTRA_CONTENT = "extra_content";

  /// The member of [#EXTRA_CONTENT] that contains Anthropic's data.
  static final String ANTHROPIC = "anthropic";

  /// The header that selects the API version.
  public static final Map<String, String> VERSION_HEADERS =
      Map.of("anthropic-version", "2023-06-01");

  @Override
  public ProviderRequest translateRequest(ModelRequest request) {
    if (request.operation() == Operation.EMBEDDINGS) {
      throw new InvalidInputException(
          "input",
          "cannot be embedded: Anthropic has no embeddings API; use another provider kind");
    }
    TranslationWarnings warnings = new TranslationWarnings();
    RequestMemberReader members = RequestMemberReader.of(request.body(), warnings);
    ObjectNode body = new AnthropicRequest(members, request.isStreaming()).json();
    return new ProviderRequest(
        "messages",
        VERSION_HEADERS,
        ProviderJson.MAPPER.writeValueAsBytes(body),
        warnings.messages());
  }

  @Override
  public CompleteAnswer translateResponse(ModelRequest request, byte[] body, Instant at) {
    JsonNode json = ProviderJson.parseResponse(body, OpenAi::findError);
    return CompleteAnswer.of(AnthropicAnswer.completion(request, json, at));
  }

  @Override
  public StreamReader createStreamReader(
      ExpectedStream expected, Instant at, MemoryBudget.Reservation memory) {
    return new SseReader(new AnthropicStream(expected, at), memory);
  }

  /// Creates the value of [#EXTRA_CONTENT].
  static ObjectNode extraContent(ObjectNode anthropic) {
    return ChatSink.object().set(ANTHROPIC, anthropic);
  }
}
