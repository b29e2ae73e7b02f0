package dev.agentlab.errors;

/// Thrown if the `Idempotency-Key` of a request is in use or belongs to another request.
public final class IdempotencyException extends RuntimeException {
  private final Kind kind;

  /// The reason of the rejection.
  public enum Kind {
    /// The first request with this key is still in progress; the same request may succeed later.
    IN_PROGRESS("a request with this Idempotency-Key is still in progress; try again shortly"),
    /// The key was used for another request, so it is rejected permanently.
    REUSED("this Idempotency-Key was used for another request; use a new one");

    private final String message;

    Kind(String message) {
      this.message = message;
    }
  }

  public IdempotencyException(Kind kind) {
    super(kind.message);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}
