package dev.agentlab.database;

import org.jspecify.annotations.Nullable;

/// Thrown when the database rejects an operation permanently: a retry would fail too.
public sealed class DatabaseException extends RuntimeException
    permits ForeignKeyViolationException, UniqueViolationException {

  public DatabaseException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
