package dev.agentlab.errors;

/// A stored secret that cannot be opened: it or its key was changed, comes from another row, or is
/// sealed under a key that this service does not have. The message fits a caller's eyes.
public final class UnreadableSecretException extends RuntimeException {
  public UnreadableSecretException(String message) {
    super(message);
  }
}
