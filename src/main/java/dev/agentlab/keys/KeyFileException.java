package dev.agentlab.keys;

/// The file of a key cannot be written; the message is for the operator.
public final class KeyFileException extends RuntimeException {
  KeyFileException(String message, Throwable cause) {
    super(message, cause);
  }
}
