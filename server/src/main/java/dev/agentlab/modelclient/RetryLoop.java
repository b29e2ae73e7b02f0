package dev.agentlab.modelclient;

import dev.agentlab.modelclient.CallPolicy.RetryPolicy;
import dev.agentlab.modelclient.CircuitBreaker.Permit;
import dev.agentlab.modelclient.CircuitBreaker.Rejection;
import dev.agentlab.modelclient.ModelCallException.Kind;
import dev.agentlab.upstream.Cancellation;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/// Runs the attempts of one call: decides whether to retry, and after which delay.
final class RetryLoop {

  /// One attempt of the call.
  @FunctionalInterface
  interface Attempt<T> {
    /// Runs the attempt.
    ///
    /// @param number the number of the attempt, from 1
    /// @param permit takes a success, now or when the response is complete; the caller of this
    ///   method reports an exception
    /// @throws FailedAttemptException if the attempt has no response
    T run(int number, Permit permit);
  }

  private final RetryPolicy retryPolicy;
  private final ProviderHealth.ProviderState health;
  private final Duration attemptLimit;
  private final Cancellation cancellation;

  /// @param attemptLimit maximum duration of one attempt
  RetryLoop(
      Target target,
      ProviderHealth.ProviderState health,
      Duration attemptLimit,
      Cancellation cancellation) {
    this.retryPolicy = target.policy().retryPolicy();
    this.health = health;
    this.attemptLimit = attemptLimit;
    this.cancellation = cancellation;
  }

  /// @throws ModelCallException if the last attempt failed, or the circuit breaker rejects an
  ///   attempt
  <T> T run(Attempt<T> attempt) {
    health.budget().recordCall();
    for (int attempts = 0; ; attempts++) {
      Permit permit = requirePermit(attempts);
      int number = attempts + 1;
      try {
        return runAttempt(attempt, number, permit);
      } catch (FailedAttemptException e) {
        awaitDelay(
            delayAfter(e.failure(), number).orElseThrow(() -> e.failure().toException(number)));
      }
    }
  }

  /// Runs an attempt, and reports a failure to its permit. Includes [Error], because a trial call
  /// blocks all other calls until it is reported.
  private static <T> T runAttempt(Attempt<T> attempt, int number, Permit permit) {
    try {
      return attempt.run(number, permit);
    } catch (FailedAttemptException e) {
      e.failure().report(permit);
      throw e;
    } catch (RuntimeException | Error e) {
      permit.release();
      throw e;
    }
  }

  private Permit requirePermit(int attempts) {
    return switch (health.breaker().requestPermit(attemptLimit)) {
      case Permit permit -> permit;
      case Rejection refusal ->
          throw new ModelCallException(
              Kind.SUSPENDED,
              "provider circuit breaker is open since %s until %s; last cause: %s"
                  .formatted(
                      refusal.since().truncatedTo(ChronoUnit.MILLIS),
                      refusal.until().truncatedTo(ChronoUnit.MILLIS),
                      refusal.cause()),
              Optional.empty(),
              Optional.of(refusal.retryAfter()),
              attempts);
    };
  }

  /// @param number the number of the failed attempt
  /// @return the delay before the next attempt; empty if there is no retry
  private Optional<Duration> delayAfter(CallFailure failure, int number) {
    boolean retryable =
        failure.isTransient() && number <= retryPolicy.maxRetries() && !cancellation.isCancelled();
    if (!retryable) {
      return Optional.empty();
    }
    Duration backoff = retryPolicy.backoff(number - 1, ThreadLocalRandom.current().nextDouble());
    Duration requested = failure.retryAfter().orElse(Duration.ZERO);
    if (requested.compareTo(retryPolicy.maxBackoff()) > 0 || !health.budget().tryAcquire()) {
      return Optional.empty();
    }
    return Optional.of(requested.compareTo(backoff) > 0 ? requested : backoff);
  }

  private void awaitDelay(Duration delay) {
    CountDownLatch cancelled = new CountDownLatch(1);
    Runnable unregister = cancellation.onCancel(cancelled::countDown);
    try {
      if (cancelled.await(delay.toNanos(), TimeUnit.NANOSECONDS)) {
        throw CallFailure.cancelled().toException(0);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw CallFailure.cancelled().toException(0);
    } finally {
      unregister.run();
    }
  }
}
