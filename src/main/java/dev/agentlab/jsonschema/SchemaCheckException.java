package dev.agentlab.jsonschema;

/// A schema or an answer that could not be checked. Its message is for the caller.
public final class SchemaCheckException extends RuntimeException {

  /// Why not.
  public enum Kind {
    /// It takes more time, steps or memory than an evaluation has.
    TOO_EXPENSIVE("it takes more than 2 seconds or 1000000 steps"),
    /// The schema says what cannot be followed.
    BROKEN("the schema cannot be evaluated"),
    /// So many wait to be checked that this one would wait too long.
    BUSY("too many are being checked at the moment; try again"),
    /// Nobody waits for it any more.
    CANCELLED("it is no longer waited for");

    private final String message;

    Kind(String message) {
      this.message = message;
    }
  }

  private final Kind kind;

  SchemaCheckException(Kind kind) {
    super(kind.message);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}
