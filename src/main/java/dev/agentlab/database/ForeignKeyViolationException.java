package dev.agentlab.database;

/// A row would have named another that is not there, or still is named by another.
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
