package dev.agentlab.dialects;

import dev.agentlab.conversation.ChatRequest;
import dev.agentlab.conversation.EmbeddingRequest;
import dev.agentlab.conversation.EmbeddingVectors;
import dev.agentlab.conversation.StreamEvent;
import dev.agentlab.errors.InvalidInputException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The dialect of Anthropic's Messages API (https://platform.claude.com/docs/en/api/messages).
///
/// Data without a neutral form is that of the vendor `anthropic`: of a message, `content` has the
/// blocks that are neither text nor tool calls, in particular thinking blocks with their signature,
/// and `citations`; of a choice, the stop reason; of the usage, additional counts. When a client
/// sends such a message back, its blocks are sent to Anthropic unchanged, before its text and its
/// tool calls. Thinking is also readable as reasoning.
///
/// Request members that are specific to Anthropic, such as `thinking`, `top_k`, `cache_control` or
/// Anthropic's own types of tools and content blocks, are sent unchanged.
public final class Anthropic extends ProviderDialect {
  /// The vendor of Anthropic's data.
  static final String VENDOR = "anthropic";

  private static final Optional<PassThrough> PASS_THROUGH = Optional.of(new AnthropicPassThrough());

  /// The header that selects the API version.
  public static final Map<String, String> VERSION_HEADERS =
      Map.of("anthropic-version", "2023-06-01");

  @Override
  public String vendor() {
    return VENDOR;
  }

  @Override
  Optional<PassThrough> passThrough(Operation operation) {
    return operation == Operation.MESSAGES || operation == Operation.COUNT_TOKENS
        ? PASS_THROUGH
        : Optional.empty();
  }

  @Override
  ProviderRequest writeChat(ChatRequest request, TranslationWarnings warnings) {
    ObjectNode body = new AnthropicRequestWriter(request, warnings).json();
    return new ProviderRequest(
        "messages",
        VERSION_HEADERS,
        ProviderJson.MAPPER.writeValueAsBytes(body),
        warnings.messages());
  }

  @Override
  ProviderRequest writeEmbeddings(EmbeddingRequest request, TranslationWarnings warnings) {
    throw new InvalidInputException(
        request.texts().path(),
        "cannot be embedded: Anthropic has no embeddings API; use another provider kind");
  }

  @Override
  Optional<ProviderErrorException> findError(JsonNode json) {
    return ProviderErrorException.find(json);
  }

  @Override
  void readChat(JsonNode json, Instant at, Consumer<StreamEvent> events) {
    AnthropicResponseReader.read(json, events);
  }

  @Override
  EmbeddingVectors readEmbeddings(String model, JsonNode json) {
    throw new ProviderErrorException("the response has no embeddings", Optional.empty());
  }

  @Override
  ProviderStreamReader createReader(StreamMemory memory, Instant at, Consumer<StreamEvent> events) {
    return new SseStreamReader(
        memory, events, translated -> new AnthropicStreamReader(memory, translated));
  }
}
