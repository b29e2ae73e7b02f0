package dev.agentlab.http;

/// Thrown if the server cannot listen on its address; the message has the cause and the setting to
/// change.
public final class CannotListenException extends RuntimeException {
  CannotListenException(String message) {
    super(message);
  }

  CannotListenException(String message, Throwable cause) {
    super(message, cause);
  }
}
