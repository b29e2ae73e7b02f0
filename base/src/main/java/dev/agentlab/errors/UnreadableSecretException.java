package dev.agentlab.errors;

/// Thrown if a stored secret cannot be decrypted: the secret or its key was modified or comes from
/// another row, or the service lacks the encryption key. The message is suitable for callers.
public final class UnreadableSecretException extends RuntimeException {
  public UnreadableSecretException(String message) {
    super(message);
  }
}
