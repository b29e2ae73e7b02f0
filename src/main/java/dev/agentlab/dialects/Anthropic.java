package dev.agentlab.dialects;

import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.memory.MemoryBudget;
import java.time.Instant;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Anthropic's Messages API (https://platform.claude.com/docs/en/api/messages).
///
/// What OpenAI has no member for stands in `extra_content.anthropic`: of a message, `content` has
/// the blocks that are neither text nor tool calls, thoughts with their signature above all, and
/// `citations`; of a choice, why the model stopped; of the usage, what else was counted. A message
/// that is sent back with it gives those blocks to Anthropic as they were, before its text and its
/// tool calls. Thoughts are readable in `reasoning_content` too.
///
/// Members of a request that are Anthropic's, such as `thinking`, `top_k`, `cache_control` or tools
/// and content blocks of its own types, are sent as they are.
public final class Anthropic implements Dialect {
  /// Where Anthropic's own part of something stands.
  static final String EXTRA = "extra_content";

  /// Whose it is.
  static final String ANTHROPIC = "anthropic";

  /// The header fields that say which API is spoken.
  public static final Map<String, String> VERSION = Map.of("anthropic-version", "2023-06-01");

  @Override
  public ProviderRequest write(ModelRequest request) {
    if (request.operation() == Operation.EMBEDDINGS) {
      throw new InvalidInputException(
          "input", "cannot be embedded: Anthropic has no such call; use another kind of provider");
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

  /// What stands in [#EXTRA].
  static ObjectNode extra(ObjectNode anthropic) {
    return ChatSink.object().set(ANTHROPIC, anthropic);
  }
}
