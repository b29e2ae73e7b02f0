package dev.agentlab.keys;

/// The file of the admin key cannot be read or written; the message is for the operator.
public final class AdminKeyFileException extends RuntimeException {
  AdminKeyFileException(String message, Throwable cause) {
    super(message, cause);
  }
}
