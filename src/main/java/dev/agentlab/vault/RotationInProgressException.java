package dev.agentlab.vault;

/// Somebody else rotates the keys of this database at the moment.
public final class RotationInProgressException extends RuntimeException {
  RotationInProgressException() {
    super("the key is being rotated already; ask again when that is done");
  }
}
