package dev.agentlab.database;

/// Thrown when a row references a row that does not exist, or a deleted row is still referenced.
public final class ForeignKeyViolationException extends DatabaseException {
  private final String constraint;

  ForeignKeyViolationException(String constraint, Throwable cause) {
    super("violates the foreign key " + constraint, cause);
    this.constraint = constraint;
  }

  /// The name of the foreign key.
  public String constraint() {
    return constraint;
  }
}
