package dev.agentlab.dialects;

import dev.agentlab.memory.MemoryBudget;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// Reads a provider's stream of server-sent events by handing each to a translator.
final class SseReader implements StreamReader {

  /// Turns one provider's events into canonical ones; keeps what it must remember between them.
  interface Translator {
    /// Writes what the event means.
    ///
    /// @throws ProviderFault if the event says that the call failed
    /// @throws JacksonException if its data is not the JSON it should be
    void translate(SseEvent event, CanonicalStream out);

    /// Writes what is still to be said when the provider has ended the stream without a fault and
    /// without `[DONE]`.
    default void end(CanonicalStream out) {}

    /// OpenAI's `usage` object of what came so far, if it is not written to the stream yet.
    default Optional<JsonNode> usage() {
      return Optional.empty();
    }

    /// Bytes of memory that it holds for later events.
    default long heldBytes() {
      return 0;
    }
  }

  private final SseParser parser = new SseParser();
  private final Translator translator;
  private final StreamMemory memory;
  private final CanonicalStream out;
  private Optional<ProviderErrorException> fault = Optional.empty();

  /// @param memory counts what the reader holds
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
        memory.hold(parser.heldBytes() + translator.heldBytes() + out.heldBytes());
      } catch (ProviderErrorException e) {
        fault = Optional.of(e);
      }
    }
    return out.take();
  }

  private void translate(SseEvent event) {
    if (!isOpen()) {
      return;
    }
    if (!Utf8.isValid(event.array(), event.from(), event.to())) {
      fault =
          Optional.of(
              new ProviderErrorException("an event of the stream is not UTF-8", Optional.empty()));
      return;
    }
    try {
      translator.translate(event, out);
    } catch (ProviderErrorException e) {
      fault = Optional.of(e);
    } catch (JacksonException e) {
      fault =
          Optional.of(
              new ProviderErrorException("an event of the stream is not JSON", Optional.empty()));
    } finally {
      memory.endEvent();
    }
  }

  @Override
  public byte[] end() {
    // What was cut off in the middle is no event, and leaves the answer as unfinished as it is.
    parser.rest().filter(this::isComplete).ifPresent(this::translate);
    if (isOpen()) {
      translator.end(out);
      out.end();
    }
    return out.take();
  }

  private boolean isOpen() {
    return fault.isEmpty() && !out.isDone();
  }

  private boolean isComplete(SseEvent event) {
    String data = event.data();
    return data.equals("[DONE]") || event.isOther() || isJson(data);
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
  public Optional<ProviderErrorException> fault() {
    return fault;
  }

  @Override
  public boolean isDone() {
    return out.isDone();
  }

  @Override
  public boolean isWhole() {
    return fault.isEmpty() && out.isWhole();
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
