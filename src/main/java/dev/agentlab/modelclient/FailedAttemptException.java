package dev.agentlab.modelclient;

/// Ends one attempt to get an answer; [RetryLoop] decides what follows.
final class FailedAttemptException extends RuntimeException {
  private final transient CallFailure failure;

  FailedAttemptException(CallFailure failure) {
    super(failure.message(), null, false, false);
    this.failure = failure;
  }

  CallFailure failure() {
    return failure;
  }
}
