package dev.agentlab.dialects;

import java.util.Optional;
import tools.jackson.core.JacksonException;

/// Reads the server-sent events of a provider, and passes the valid ones to a handler.
///
/// Each instance reads one stream. Not thread-safe.
final class SseReader {

  /// Receives the events.
  interface Handler {
    /// Whether the handler expects further events.
    boolean isOpen();

    /// Handles an event.
    ///
    /// @throws ProviderErrorException if the event reports an error, or is not valid
    /// @throws JacksonException if the data of the event is not valid JSON
    void handle(SseEvent event);
  }

  private final SseParser parser = new SseParser();
  private final StreamMemory memory;
  private final Handler handler;

  SseReader(StreamMemory memory, Handler handler) {
    this.memory = memory;
    this.handler = handler;
  }

  /// Reads a chunk.
  ///
  /// @throws ProviderErrorException if an event reports an error, or is not valid
  void read(byte[] bytes) {
    parser.feed(bytes, this::handle);
  }

  /// Reads the last event of a stream that ends without an empty line after it. A truncated event
  /// is discarded.
  ///
  /// @throws ProviderErrorException if the event reports an error, or is not valid
  void endInput() {
    parser.remainingEvent().filter(this::isCompleteEvent).ifPresent(this::handle);
  }

  /// The size of the buffer for the incomplete event, in bytes.
  int bufferedBytes() {
    return parser.bufferedBytes();
  }

  private void handle(SseEvent event) {
    if (!handler.isOpen()) {
      return;
    }
    if (!Utf8.isValid(event.array(), event.from(), event.to())) {
      throw new ProviderErrorException("a stream event is not valid UTF-8", Optional.empty());
    }
    try {
      handler.handle(event);
    } catch (JacksonException e) {
      throw ProviderErrorException.invalidJson();
    } finally {
      memory.endEvent();
    }
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
}
