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
  static final String EXTRA = "extra_content";

  /// The member of [#EXTRA] that contains Anthropic's data.
  static final String ANTHROPIC = "anthropic";

  /// The header that selects the API version.
  public static final Map<String, String> VERSION = Map.of("anthropic-version", "2023-06-01");

  @Override
  public ProviderRequest write(ModelRequest request) {
    if (request.operation() == Operation.EMBEDDINGS) {
      throw new InvalidInputException(
          "input",
          "cannot be embedded: Anthropic has no embeddings API; use another provider kind");
    }
    TranslationWarnings warnings = new TranslationWarnings();
    RequestMembers members = RequestMembers.of(request.body(), warnings);
    ObjectNode body = new AnthropicRequest(members, request.streams()).json();
    return new ProviderRequest(
        "messages", VERSION, ProviderJson.MAPPER.writeValueAsBytes(body), warnings.sentences());
  }

  @Override
  public CompleteAnswer answer(ModelRequest request, byte[] body, Instant at) {
    JsonNode json = ProviderJson.answer(body, OpenAi::fault);
    return CompleteAnswer.of(AnthropicAnswer.whole(request, json, at));
  }

  @Override
  public StreamReader stream(ExpectedStream expected, Instant at, MemoryBudget.Reservation memory) {
    return new SseReader(new AnthropicStream(expected, at), memory);
  }

  /// Creates the value of [#EXTRA].
  static ObjectNode extra(ObjectNode anthropic) {
    return ChatSink.object().set(ANTHROPIC, anthropic);
  }
}
