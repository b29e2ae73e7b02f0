package dev.agentlab.database;

import org.jspecify.annotations.Nullable;

/// The database refused something, and would refuse it again.
public sealed class DatabaseException extends RuntimeException
    permits ForeignKeyViolationException, UniqueViolationException {

  public DatabaseException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
