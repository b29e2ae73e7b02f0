package dev.agentlab.dialects;

import dev.agentlab.conversation.StreamEvent;

/// Assembles the events of a response into a complete one in the dialect of a client.
///
/// Each instance writes one response. Not thread-safe.
interface ClientResponseWriter {
  /// Adds an event.
  ///
  /// @throws ProviderErrorException if the event reports an error
  void write(StreamEvent event);

  /// The response, with its usage and finish reason.
  CompleteAnswer toAnswer();
}
