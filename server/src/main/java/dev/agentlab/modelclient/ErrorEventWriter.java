package dev.agentlab.modelclient;

import dev.agentlab.dialects.StreamPosition;

/// Writes the server-sent event that ends an incomplete stream, in the format of one API.
@FunctionalInterface
public interface ErrorEventWriter {

  /// The event, with its end.
  ///
  /// @param position how far the stream has come
  byte[] write(ModelCallException failure, StreamPosition position);
}
