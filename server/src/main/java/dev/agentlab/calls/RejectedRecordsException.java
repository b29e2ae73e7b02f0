package dev.agentlab.calls;

/// Thrown if the database rejects records for their content.
final class RejectedRecordsException extends RuntimeException {
  RejectedRecordsException(Throwable cause) {
    super(cause.getMessage(), cause);
  }
}
