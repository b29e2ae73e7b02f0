package dev.agentlab.dialects;

import dev.agentlab.conversation.StreamEvent;
import dev.agentlab.conversation.TokenUsage;

/// Reads the stream of a provider and passes its events, in neutral form, to a consumer. The last
/// event is [StreamEvent.ResponseFinished] or [StreamEvent.ResponseFailed]; there is none after it,
/// whatever the provider sends.
///
/// Each instance reads one stream. Not thread-safe.
interface ProviderStreamReader {

  /// Reads a chunk and passes on the events that it completes.
  ///
  /// @param bytes a chunk of any length, which may end within a character; must not be changed
  ///   afterwards
  /// @throws ProviderErrorException if the service is out of memory
  void read(byte[] bytes);

  /// Reads a last event that is complete except for its end mark, after the last chunk.
  void endInput();

  /// Creates the last event for a stream that ends without one, although all its choices have
  /// finished.
  StreamEvent.ResponseFinished createFinish();

  /// The usage so far.
  TokenUsage usage();

  /// The number of bytes that are retained between chunks.
  long retainedBytes();
}
