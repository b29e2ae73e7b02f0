package dev.agentlab.simulation;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/// The response to a simulated call. Times are relative to the start of the call.
sealed interface SimulatedResponse {

  /// A non-streaming response.
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record Complete(int status, Map<String, String> headers, byte[] body, Duration dueAt)
      implements SimulatedResponse {}

  /// A stream of events.
  ///
  /// @param truncated whether the stream breaks off after the last part
  record Stream(List<Part> parts, boolean truncated) implements SimulatedResponse {}

  /// A part of the bytes of a stream.
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record Part(byte[] bytes, Duration dueAt) {}
}
