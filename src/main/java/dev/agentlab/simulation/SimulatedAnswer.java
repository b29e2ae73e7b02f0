package dev.agentlab.simulation;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/// What a call gets, and when, counted from its beginning.
sealed interface SimulatedAnswer {

  /// An answer in one piece.
  @SuppressWarnings("ArrayRecordComponent") // Nobody compares two of them.
  record Whole(int status, Map<String, String> headers, byte[] body, Duration at)
      implements SimulatedAnswer {}

  /// A stream of events.
  ///
  /// @param cut whether it breaks off after the last
  record Stream(List<Part> parts, boolean cut) implements SimulatedAnswer {}

  /// Some bytes of a stream.
  @SuppressWarnings("ArrayRecordComponent") // Nobody compares two of them.
  record Part(byte[] bytes, Duration at) {}
}
