package dev.agentlab.database;

/// A row would have named another that is not there, or still is named by another.
public final class ForeignKeyViolationException extends DatabaseException {
  ForeignKeyViolationException(String constraint, Throwable cause) {
    super("violates the foreign key " + constraint, cause);
  }
}
