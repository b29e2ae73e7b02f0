package dev.agentlab.errors;

/// A request whose idempotency key cannot be honoured now or ever.
public final class IdempotencyException extends RuntimeException {
  private final Kind kind;

  /// Why not.
  public enum Kind {
    /// The first request with this key is still being handled.
    IN_PROGRESS("a request with this Idempotency-Key is still being handled; try again shortly"),
    /// The key belongs to another request.
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
