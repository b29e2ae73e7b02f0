package dev.agentlab.dialects;

import dev.agentlab.memory.MemoryBudget;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// Reads a provider's stream of server-sent events and passes each event to a [Translator].
final class SseReader implements StreamReader {

  /// Translates the events of one provider to canonical events. Keeps state between the events of
  /// one stream.
  interface Translator {
    /// Writes the translation of an event.
    ///
    /// @throws ProviderErrorException if the event reports an error
    /// @throws JacksonException if the data of the event is not valid JSON
    void translate(SseEvent event, CanonicalStream out);

    /// Writes the remaining output at the end of a stream without an error and without `[DONE]`.
    default void finish(CanonicalStream out) {}

    /// OpenAI's `usage` object so far, if it has not been written to the stream yet.
    default Optional<JsonNode> usage() {
      return Optional.empty();
    }

    /// The number of bytes that the translator retains for later events.
    default long retainedBytes() {
      return 0;
    }
  }

  private final SseParser parser = new SseParser();
  private final Translator translator;
  private final StreamMemory memory;
  private final CanonicalStream out;
  private Optional<ProviderErrorException> error = Optional.empty();

  /// @param memory the reservation that accounts for the memory of the reader
  SseReader(Translator translator, MemoryBudget.Reservation memory) {
    this.translator = translator;
    this.memory = new StreamMemory(memory);
    this.out = new CanonicalStream(this.memory);
  }

  @Override
  public byte[] read(byte[] bytes) {
    if (isOpen()) {
      try {
        parser.feed(bytes, this::translate);
        memory.setRetained(
            parser.bufferedBytes() + translator.retainedBytes() + out.retainedBytes());
      } catch (ProviderErrorException e) {
        error = Optional.of(e);
      }
    }
    return out.take();
  }

  private void translate(SseEvent event) {
    if (!isOpen()) {
      return;
    }
    if (!Utf8.isValid(event.array(), event.from(), event.to())) {
      error =
          Optional.of(
              new ProviderErrorException("a stream event is not valid UTF-8", Optional.empty()));
      return;
    }
    try {
      translator.translate(event, out);
    } catch (ProviderErrorException e) {
      error = Optional.of(e);
    } catch (JacksonException e) {
      error =
          Optional.of(
              new ProviderErrorException("a stream event is not valid JSON", Optional.empty()));
    } finally {
      memory.endEvent();
    }
  }

  @Override
  public byte[] finish() {
    // A truncated event is discarded and does not change the state of the completion.
    parser.remainingEvent().filter(this::isCompleteEvent).ifPresent(this::translate);
    if (isOpen()) {
      translator.finish(out);
      out.finish();
    }
    return out.take();
  }

  private boolean isOpen() {
    return error.isEmpty() && !out.isDone();
  }

  private boolean isCompleteEvent(SseEvent event) {
    String data = event.data();
    return data.equals("[DONE]") || event.isOtherFormat() || isJson(data);
  }

  private boolean isJson(String text) {
    try {
      return !memory.parse(text).isMissingNode();
    } catch (JacksonException | ProviderErrorException e) {
      return false;
    } finally {
      memory.endEvent();
    }
  }

  @Override
  public Optional<ProviderErrorException> error() {
    return error;
  }

  @Override
  public boolean isDone() {
    return out.isDone();
  }

  @Override
  public boolean isComplete() {
    return error.isEmpty() && out.isComplete();
  }

  @Override
  public boolean hasContent() {
    return out.hasContent();
  }

  @Override
  public Optional<JsonNode> usage() {
    return out.usage().or(translator::usage);
  }
}
