package dev.agentlab.dialects;

import dev.agentlab.conversation.StreamEvent;
import dev.agentlab.conversation.StreamEvent.ResponseFinished;
import dev.agentlab.conversation.TokenUsage;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/// Reads the stream of an OpenAI-family provider for a client of another dialect. A client of the
/// same dialect receives the bytes themselves ([ChatCompletionsTap]).
final class ChatCompletionsStreamReader implements SseStreamReader.Translator {
  private final StreamMemory memory;
  private final Consumer<StreamEvent> events;
  private final ChatCompletionsEventReader chunks;

  ChatCompletionsStreamReader(StreamMemory memory, Consumer<StreamEvent> events) {
    this.memory = memory;
    this.events = events;
    this.chunks = new ChatCompletionsEventReader(events);
  }

  @Override
  public void translate(SseEvent event) {
    if (event.isOtherFormat()) {
      throw event.otherFormatError(memory);
    }
    String data = event.data().strip();
    boolean isError = event.name().equals("error");
    if (data.equals("[DONE]")) {
      if (!chunks.hasChoices()) {
        throw new ProviderErrorException("the stream ended without a completion", Optional.empty());
      }
      events.accept(createFinish());
    } else if (data.startsWith("{")) {
      read(data, isError);
    } else if (isError) {
      throw new ProviderErrorException(data.isEmpty() ? "unknown error" : data, Optional.empty());
    } else if (data.startsWith("[")) {
      throw new ProviderErrorException("a stream event is not a JSON object", Optional.empty());
    }
  }

  private void read(String data, boolean isError) {
    JsonNode json = memory.parse(data);
    ProviderErrorException.find(json)
        .ifPresent(error -> {
          throw error;
        });
    if (isError) {
      throw new ProviderErrorException(
          json.path("message").stringValue("unknown error"), ProviderErrorLabels.of(json));
    }
    chunks.read(json);
  }

  @Override
  public ResponseFinished createFinish() {
    return chunks.createFinish();
  }

  @Override
  public TokenUsage usage() {
    return chunks.usage();
  }

  @Override
  public long retainedBytes() {
    return chunks.retainedBytes();
  }
}
