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

/// A dialect whose providers do not speak that of the client: requests and responses pass through
/// the neutral model of `dev.agentlab.conversation`.
///
/// This is the only class that joins the two sides. A subclass knows only its provider's API, and
/// the readers and writers of the client's dialect only that one.
abstract sealed class TranslatedDialect implements Dialect
    permits Anthropic, BedrockConverse, Gemini {

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
  public final boolean isNative() {
    return false;
  }

  @Override
  public final ProviderRequest translateRequest(ModelRequest request) {
    TranslationWarnings warnings = new TranslationWarnings();
    return switch (request.operation()) {
      case CHAT -> writeChat(ChatCompletionsRequestReader.read(request.body()), warnings);
      case EMBEDDINGS -> writeEmbeddings(OpenAiEmbeddings.read(request.body()), warnings);
      default -> throw request.operation().notTranslated();
    };
  }

  @Override
  public final CompleteAnswer translateResponse(ModelRequest request, byte[] body, Instant at) {
    JsonNode json = ProviderJson.parseResponse(body, this::findError);
    return switch (request.operation()) {
      case CHAT -> {
        ClientResponseWriter writer = request.format().responseWriter(request.model(), at);
        readChat(json, at, writer::write);
        yield writer.toAnswer();
      }
      case EMBEDDINGS -> OpenAiEmbeddings.write(request, readEmbeddings(request.model(), json));
      default -> throw request.operation().notTranslated();
    };
  }

  @Override
  public final StreamReader createStreamReader(
      ExpectedStream expected, Instant at, MemoryBudget.Reservation memory) {
    StreamMemory streamMemory = new StreamMemory(memory);
    return new TranslatedStream(
        streamMemory,
        expected.format().streamWriter(expected, at),
        events -> createReader(streamMemory, at, events));
  }

  @Override
  public final StreamReader translateResponseToStream(
      ModelRequest request, byte[] body, Instant at) {
    JsonNode json = ProviderJson.parseResponse(body, this::findError);
    return new ConvertedResponse(
        request.format().streamWriter(request.expectedStream(), at),
        events -> readChat(json, at, events));
  }
}
