package dev.agentlab.vault;

/// Secrets cannot be kept or read until the operator has put something right. The message says what
/// and never holds key material.
public final class VaultException extends RuntimeException {
  VaultException(String message) {
    super(message);
  }

  VaultException(String message, Throwable cause) {
    super(message, cause);
  }
}
