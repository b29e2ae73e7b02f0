package dev.agentlab.modelclient;

/// Writes the server-sent event that ends an incomplete stream, in the format of one API.
@FunctionalInterface
public interface ErrorEventWriter {

  /// The event, with its end.
  byte[] write(ModelCallException failure);
}
