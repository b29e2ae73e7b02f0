package dev.agentlab.jsonschema;

/// Thrown if a schema or a response could not be validated. The message is suitable for callers.
public final class SchemaValidationException extends RuntimeException {

  /// The reason.
  public enum Kind {
    /// The response is too large, or the evaluation exceeds its limit of time, steps or memory.
    TOO_EXPENSIVE(
        "the value is longer than 1048576 characters, or its evaluation takes more than 2 seconds,"
            + " 1000000 steps or 1000 nested schemas"),
    /// The schema cannot be evaluated, for example because a reference cannot be resolved.
    BROKEN("the schema cannot be evaluated"),
    /// Too many evaluations are running or queued.
    BUSY("too many schema validations are in progress; try again"),
    /// The caller cancelled the request, or the service is stopping.
    CANCELLED("the validation was cancelled");

    private final String message;

    Kind(String message) {
      this.message = message;
    }
  }

  private final Kind kind;

  SchemaValidationException(Kind kind) {
    super(kind.message);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}
