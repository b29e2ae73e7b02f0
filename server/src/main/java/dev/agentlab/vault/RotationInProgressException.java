package dev.agentlab.vault;

/// Thrown if another rotation of the key-encryption key is running in this database.
public final class RotationInProgressException extends RuntimeException {
  RotationInProgressException() {
    super("a rotation of the key-encryption key is already running; retry when it is finished");
  }
}
