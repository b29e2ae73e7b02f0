package dev.agentlab.dialects;

import dev.agentlab.conversation.ChatRequest;
import dev.agentlab.conversation.EmbeddingRequest;
import dev.agentlab.conversation.EmbeddingVectors;
import dev.agentlab.conversation.StreamEvent;
import dev.agentlab.memory.MemoryBudget;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/// The dialect of some providers, for clients of any dialect: the requests of a client that speaks
/// it too pass as they are, and all others go through the neutral model of
/// `dev.agentlab.conversation`, as do their responses.
///
/// This is the only class that joins the two sides. A subclass knows only its provider's API, and a
/// [ChatFormat] only that of the client.
abstract sealed class ProviderDialect implements Dialect
    permits Anthropic, BedrockConverse, Gemini, OpenAi {

  /// How requests and responses of an operation pass as they are; empty if they are translated.
  Optional<PassThrough> passThrough(Operation operation) {
    return Optional.empty();
  }

  /// Writes a chat request for the provider.
  ///
  /// @throws dev.agentlab.errors.InvalidInputException if the request uses a feature that the API
  ///   does not support; names the member
  abstract ProviderRequest writeChat(ChatRequest request, TranslationWarnings warnings);

  /// Writes a request for embeddings.
  ///
  /// @throws dev.agentlab.errors.InvalidInputException if the API has no embeddings, or does not
  ///   support a feature of the request
  abstract ProviderRequest writeEmbeddings(EmbeddingRequest request, TranslationWarnings warnings);

  /// Finds the error object of a response.
  abstract Optional<ProviderErrorException> findError(JsonNode json);

  /// Reads a non-streaming response.
  ///
  /// @param at when the response arrived
  /// @throws ProviderErrorException if the response is not valid, or reports an error
  abstract void readChat(JsonNode json, Instant at, Consumer<StreamEvent> events);

  /// Reads a response with embeddings.
  ///
  /// @param model the requested model
  /// @throws ProviderErrorException if the response is not valid
  abstract EmbeddingVectors readEmbeddings(String model, JsonNode json);

  /// Creates a reader for a stream, which passes its events to a consumer.
  ///
  /// @param at when the stream began
  abstract ProviderStreamReader createReader(
      StreamMemory memory, Instant at, Consumer<StreamEvent> events);

  @Override
  public final boolean isNative(Operation operation) {
    return passThrough(operation).isPresent();
  }

  @Override
  public final ProviderRequest translateRequest(ModelRequest request) {
    return passThrough(request.operation())
        .map(own -> own.request(request))
        .orElseGet(() -> write(request));
  }

  private ProviderRequest write(ModelRequest request) {
    TranslationWarnings warnings = new TranslationWarnings();
    return switch (request.operation()) {
      case EMBEDDINGS -> writeEmbeddings(OpenAiEmbeddings.read(request.body()), warnings);
      case EMBED_CONTENT, BATCH_EMBED_CONTENTS ->
          writeEmbeddings(GeminiEmbeddings.read(request, warnings), warnings);
      default -> writeChat(read(request), warnings);
    };
  }

  /// The chat of a client in neutral form.
  static ChatRequest read(ModelRequest request) {
    ChatRequest chat = ChatFormat.of(request.operation()).read(request);
    return request.defaults().map(chat::withDefaults).orElse(chat);
  }

  @Override
  public final Optional<CompleteAnswer> scanResponse(ModelRequest request, byte[] body) {
    return passThrough(request.operation()).flatMap(it -> it.scan(request.operation(), body));
  }

  @Override
  public final CompleteAnswer translateResponse(ModelRequest request, byte[] body, Instant at) {
    JsonNode json = ProviderJson.parseResponse(body, this::findError);
    return passThrough(request.operation())
        .map(own -> own.read(request.operation(), json, body))
        .orElseGet(() -> write(request, json, at));
  }

  private CompleteAnswer write(ModelRequest request, JsonNode json, Instant at) {
    return switch (request.operation()) {
      case EMBEDDINGS -> OpenAiEmbeddings.write(request, readEmbeddings(request.model(), json));
      case EMBED_CONTENT, BATCH_EMBED_CONTENTS ->
          GeminiEmbeddings.write(request.operation(), readEmbeddings(request.model(), json));
      default -> writeChat(request, json, at);
    };
  }

  private CompleteAnswer writeChat(ModelRequest request, JsonNode json, Instant at) {
    ClientResponseWriter writer = ChatFormat.of(request.operation()).responseWriter(request, at);
    readChat(json, at, writer::write);
    return writer.toAnswer();
  }

  @Override
  public final StreamReader createStreamReader(
      ModelRequest request, Instant at, MemoryBudget.Reservation memory) {
    return passThrough(request.operation())
        .map(own -> own.stream(request.expectedStream(), memory))
        .orElseGet(() -> translateStream(request, at, memory));
  }

  private StreamReader translateStream(
      ModelRequest request, Instant at, MemoryBudget.Reservation memory) {
    StreamMemory streamMemory = new StreamMemory(memory);
    return new TranslatedStream(
        streamMemory,
        ChatFormat.of(request.operation()).streamWriter(request, at),
        events -> createReader(streamMemory, at, events));
  }

  @Override
  public final StreamReader translateResponseToStream(
      ModelRequest request, byte[] body, Instant at) {
    JsonNode json = ProviderJson.parseResponse(body, this::findError);
    // Its client expects events for each part of an item, which only the provider can name.
    if (request.operation() == Operation.RESPONSES && isNative(Operation.RESPONSES)) {
      throw new ProviderErrorException("the response is not an event stream", Optional.empty());
    }
    return new ConvertedResponse(
        ChatFormat.of(request.operation()).streamWriter(request, at),
        events -> readChat(json, at, events));
  }
}
