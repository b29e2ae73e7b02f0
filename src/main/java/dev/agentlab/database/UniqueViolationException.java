package dev.agentlab.database;

/// A row would have repeated a value that must be unique.
public final class UniqueViolationException extends DatabaseException {
  UniqueViolationException(String constraint, Throwable cause) {
    super("violates the unique constraint " + constraint, cause);
  }
}
