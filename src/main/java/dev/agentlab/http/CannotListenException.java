package dev.agentlab.http;

/// The server could not take its address; the message says why and what to change.
public final class CannotListenException extends RuntimeException {
  CannotListenException(String message) {
    super(message);
  }

  CannotListenException(String message, Throwable cause) {
    super(message, cause);
  }
}
