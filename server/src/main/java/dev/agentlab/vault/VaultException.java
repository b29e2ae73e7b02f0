package dev.agentlab.vault;

/// Thrown if secrets cannot be encrypted or decrypted until the operator fixes the cause. The
/// message names the cause and never contains key material.
public final class VaultException extends RuntimeException {
  VaultException(String message) {
    super(message);
  }

  VaultException(String message, Throwable cause) {
    super(message, cause);
  }
}
