package dev.agentlab.keys;

/// Thrown if the admin key file cannot be read or written. The message is for the operator.
public final class AdminKeyFileException extends RuntimeException {
  AdminKeyFileException(String message, Throwable cause) {
    super(message, cause);
  }
}
