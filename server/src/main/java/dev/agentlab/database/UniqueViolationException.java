package dev.agentlab.database;

/// Thrown when a value that must be unique already exists.
public final class UniqueViolationException extends DatabaseException {
  UniqueViolationException(String constraint, Throwable cause) {
    super("violates the unique constraint " + constraint, cause);
  }
}
