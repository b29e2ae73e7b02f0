package dev.agentlab.backup;

/// Thrown if a backup cannot be written or read, with a message for the operator.
public final class BackupException extends RuntimeException {
  BackupException(String message) {
    super(message);
  }

  BackupException(String message, Throwable cause) {
    super(message, cause);
  }
}
