package dev.agentlab.audit;

/// Thrown if no row of the audit trail has the sequence number.
public final class AuditEventNotFoundException extends RuntimeException {
  AuditEventNotFoundException(long seq) {
    super("there is no audit event %d".formatted(seq));
  }
}
