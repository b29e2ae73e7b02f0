package dev.agentlab.dialects;

import dev.agentlab.conversation.ChatRequest;
import dev.agentlab.conversation.EmbeddingRequest;
import dev.agentlab.conversation.EmbeddingVectors;
import dev.agentlab.conversation.Member;
import dev.agentlab.conversation.RequestOption;
import dev.agentlab.conversation.StreamEvent;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The dialect of OpenAI and of the APIs that are compatible with it
/// (https://platform.openai.com/docs/api-reference/chat).
public final class OpenAi extends ProviderDialect {

  /// A difference between the requests that a compatible API accepts and those of OpenAI.
  public sealed interface Rule {
    /// The operation to which the rule applies.
    Operation operation();

    /// The request member to which the rule applies.
    String member();

    /// A member that the API rejects with certain values.
    ///
    /// @param condition whether a value is rejected
    /// @param message the error message, the rest of a sentence that begins with the member
    record Reject(Operation operation, String member, Predicate<JsonNode> condition, String message)
        implements Rule {}

    /// A member that the API does not have and rejects with any value. It is removed if its value
    /// has no effect, and rejected otherwise.
    ///
    /// @param condition whether a value has an effect
    /// @param message the error message, the rest of a sentence that begins with the member
    record Unsupported(
        Operation operation, String member, Predicate<JsonNode> condition, String message)
        implements Rule {}

    /// A member that has another name in the API.
    record Rename(Operation operation, String member, String to) implements Rule {}

    /// A member that the API rejects although its behavior is the requested one; the member is
    /// removed.
    record Omit(Operation operation, String member) implements Rule {}
  }

  private static final String VERBOSITY = "verbosity";

  private final OpenAiPassThrough passThrough;
  private final Optional<PassThrough> responses;

  private OpenAi(OpenAiPassThrough passThrough, boolean hasResponses) {
    this.passThrough = passThrough;
    responses =
        hasResponses
            ? Optional.of(new ResponsesPassThrough(passThrough.headers()))
            : Optional.empty();
  }

  /// The dialect of an API that differs from OpenAI by some rules.
  public static OpenAi withRules(Rule... rules) {
    return new OpenAi(new OpenAiPassThrough(List.of(rules), Map.of()), false);
  }

  /// A copy for an API that has OpenAI's Responses API too.
  public OpenAi withResponses() {
    return new OpenAi(passThrough, true);
  }

  /// A copy that adds headers to every request.
  public OpenAi withHeaders(Map<String, String> headers) {
    return new OpenAi(
        new OpenAiPassThrough(passThrough.rules(), Map.copyOf(headers)), responses.isPresent());
  }

  @Override
  public String vendor() {
    return ChatCompletions.VENDOR;
  }

  @Override
  Optional<PassThrough> passThrough(Operation operation) {
    return switch (operation) {
      case CHAT, EMBEDDINGS -> Optional.of(passThrough);
      case RESPONSES, COUNT_RESPONSE_TOKENS, COMPACT_RESPONSE -> responses;
      default -> Optional.empty();
    };
  }

  @Override
  ProviderRequest writeChat(ChatRequest request, TranslationWarnings warnings) {
    ObjectNode body = new ChatCompletionsRequestWriter(request, warnings).json();
    if (request.isStreaming() && !body.has("stream_options")) {
      body.putObject("stream_options").put("include_usage", true);
    }
    if (request.vendor().isPresent()) {
      omitVerbosity(request, body, warnings);
    }
    RequestJson json = passThrough.applyRules(new RequestTree(body), Operation.CHAT);
    return new ProviderRequest(
        Operation.CHAT.path(), passThrough.headers(), json.toBytes(), warnings.messages());
  }

  /// Removes the requested length of the output if the API rejects it: clients of another API send
  /// it as a hint.
  private void omitVerbosity(ChatRequest request, ObjectNode body, TranslationWarnings warnings) {
    Member<JsonNode> verbosity = request.options().get(RequestOption.VERBOSITY);
    boolean isRejected =
        passThrough.rules().stream()
            .anyMatch(rule ->
                rule instanceof Rule.Unsupported unsupported
                    && unsupported.operation() == Operation.CHAT
                    && unsupported.member().equals(VERBOSITY));
    if (verbosity != null && isRejected) {
      body.remove(VERBOSITY);
      warnings.addIgnored(verbosity.path(), "the provider has no such setting");
    }
  }

  @Override
  ProviderRequest writeEmbeddings(EmbeddingRequest request, TranslationWarnings warnings) {
    RequestJson json =
        passThrough.applyRules(
            new RequestTree(OpenAiEmbeddings.request(request)), Operation.EMBEDDINGS);
    return new ProviderRequest(
        Operation.EMBEDDINGS.path(), passThrough.headers(), json.toBytes(), warnings.messages());
  }

  @Override
  Optional<ProviderErrorException> findError(JsonNode json) {
    return ProviderErrorException.find(json);
  }

  @Override
  void readChat(JsonNode json, Instant at, Consumer<StreamEvent> events) {
    ChatCompletionsEventReader.readResponse(json, events);
  }

  @Override
  EmbeddingVectors readEmbeddings(String model, JsonNode json) {
    return OpenAiEmbeddings.vectors(json);
  }

  @Override
  ProviderStreamReader createReader(StreamMemory memory, Instant at, Consumer<StreamEvent> events) {
    return new SseStreamReader(
        memory, events, translated -> new ChatCompletionsStreamReader(memory, translated));
  }
}
