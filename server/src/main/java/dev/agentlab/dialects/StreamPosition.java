package dev.agentlab.dialects;

import java.util.Optional;

/// How far a stream has come, for an event that ends it with an error.
///
/// @param responseId the id of the response that the client has received, in an API that repeats it
/// @param events the number of events that the client has received, in an API that numbers them
public record StreamPosition(Optional<String> responseId, long events) {
  /// The position in a stream of an API that does not number its events.
  public static final StreamPosition UNNUMBERED = new StreamPosition(Optional.empty(), 0);
}
