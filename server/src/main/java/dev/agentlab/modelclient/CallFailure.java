package dev.agentlab.modelclient;

import dev.agentlab.modelclient.ModelCallException.Kind;
import java.time.Duration;
import java.util.Optional;

/// A failed attempt, with its consequences for retries, other targets and the circuit breaker, as
/// [FailureClassifier] decides them.
///
/// @param message for the caller
/// @param logMessage for the log
/// @param upstream the machine-readable error of the provider, if it responded
/// @param isTransient whether the failure is transient, so that a retry may succeed
/// @param fallbackCause why another target may succeed; empty if none would
/// @param effect what the circuit breaker counts
/// @param retryAfter the delay that the provider requests before the next attempt
record CallFailure(
    Kind kind,
    String message,
    String logMessage,
    Optional<ProviderError> upstream,
    boolean isTransient,
    Optional<FallbackCause> fallbackCause,
    Effect effect,
    Optional<Duration> retryAfter) {

  /// The effect of a failure on the circuit breaker.
  enum Effect {
    /// The failure says nothing about the health of the target.
    NONE,
    /// The failure counts against the target.
    FAILURE,
    /// The target is healthy, but takes no calls until [CallFailure#retryAfter] has passed.
    RATE_LIMIT
  }

  /// A failure with the same message for the caller and for the log.
  CallFailure(
      Kind kind,
      String message,
      Optional<ProviderError> upstream,
      boolean isTransient,
      Optional<FallbackCause> fallbackCause,
      Effect effect,
      Optional<Duration> retryAfter) {
    this(kind, message, message, upstream, isTransient, fallbackCause, effect, retryAfter);
  }

  /// The exception for the caller.
  ///
  /// @param attempts the number of attempts
  ModelCallException toException(int attempts) {
    String suffix = attempts > 1 ? " (%d attempts)".formatted(attempts) : "";
    return new ModelCallException(
        kind,
        message + suffix,
        logMessage + suffix,
        upstream,
        retryAfter,
        attempts,
        isTransient || retryAfter.isPresent());
  }

  /// The same failure of a request that cannot be sent to another target.
  CallFailure asFinal() {
    return new CallFailure(
        kind, message, logMessage, upstream, isTransient, Optional.empty(), effect, retryAfter);
  }

  /// Reports the failure to the circuit breaker that issued the permit.
  void report(CircuitBreaker.Permit permit) {
    switch (effect) {
      case NONE -> permit.release();
      case FAILURE -> permit.fail(sharedMessage());
      case RATE_LIMIT -> permit.limitRate(sharedMessage(), retryAfter.orElse(Duration.ZERO));
    }
  }

  /// The message for other callers: without text of the provider, which may quote the request.
  private String sharedMessage() {
    return upstream
        .filter(it -> it.message().isPresent())
        .map(it -> "the provider returned an error with status %d".formatted(it.status()))
        .orElse(message);
  }
}
