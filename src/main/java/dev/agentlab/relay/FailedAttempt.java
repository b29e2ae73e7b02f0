package dev.agentlab.relay;

/// Ends one attempt to get an answer; [Attempts] decides what follows.
final class FailedAttempt extends RuntimeException {
  private final transient Failure failure;

  FailedAttempt(Failure failure) {
    super(failure.message(), null, false, false);
    this.failure = failure;
  }

  Failure failure() {
    return failure;
  }
}
