package dev.agentlab.dialects;

import dev.agentlab.conversation.StreamEvent;
import java.util.Optional;

/// Writes the events of a response as a stream in the dialect of a client. The output always ends
/// at an event boundary, so that other events can be appended.
///
/// Each instance writes one stream. Not thread-safe.
interface ClientStreamWriter {
  /// Writes an event. [StreamEvent.ResponseFinished] ends the stream. [StreamEvent.ResponseFailed]
  /// is not written: its texts have to be sanitized first.
  ///
  /// @throws ProviderErrorException if the event cannot be written
  void write(StreamEvent event);

  /// Returns the output since the previous call.
  byte[] take();

  /// The number of bytes that are retained for later output.
  default long retainedBytes() {
    return 0;
  }

  /// How far the output has come.
  default StreamPosition position() {
    return StreamPosition.UNNUMBERED;
  }

  /// The response to which the client may refer later; empty until it is complete, and in an API
  /// without such references.
  default Optional<AnsweredResponse> response() {
    return Optional.empty();
  }
}
