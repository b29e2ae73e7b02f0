package dev.agentlab.database;

/// A row would have repeated a value that must be unique.
public final class UniqueViolationException extends DatabaseException {
  private final String constraint;

  UniqueViolationException(String constraint, Throwable cause) {
    super("violates the unique constraint " + constraint, cause);
    this.constraint = constraint;
  }

  /// The constraint's name in the schema, as in `providers_name_key`.
  public String constraint() {
    return constraint;
  }
}
