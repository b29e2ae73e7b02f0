package dev.agentlab.modelclient;

/// The failure of one attempt of a model call. [RetryLoop] decides whether to retry.
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
