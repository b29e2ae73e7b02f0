package dev.agentlab.modelclient;

import dev.agentlab.modelclient.CallPolicy.Retries;
import dev.agentlab.modelclient.CircuitBreaker.Permit;
import dev.agentlab.modelclient.CircuitBreaker.Refusal;
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
    T make(int number, Permit permit);
  }

  private final Retries retries;
  private final ProviderHealth.Of health;
  private final Duration limit;
  private final Cancellation cancellation;

  /// @param attemptLimit maximum duration of one attempt
  RetryLoop(Target target, ProviderHealth.Of health, Duration attemptLimit, Cancellation cancellation) {
    this.retries = target.policy().retries();
    this.health = health;
    this.limit = attemptLimit;
    this.cancellation = cancellation;
  }

  /// @throws ModelCallException if the last attempt failed, or the circuit breaker rejects an
  ///   attempt
  <T> T run(Attempt<T> attempt) {
    health.budget().called();
    for (int attempts = 0; ; attempts++) {
      Permit permit = requirePermit(attempts);
      int number = attempts + 1;
      try {
        return settled(attempt, number, permit);
      } catch (FailedAttemptException e) {
        pause(pauseAfter(e.failure(), number).orElseThrow(() -> e.failure().toException(number)));
      }
    }
  }

  /// Runs an attempt, and reports a failure to its permit. Includes [Error], because a trial call
  /// blocks all other calls until it is reported.
  private static <T> T settled(Attempt<T> attempt, int number, Permit permit) {
    try {
      return attempt.make(number, permit);
    } catch (FailedAttemptException e) {
      e.failure().report(permit);
      throw e;
    } catch (RuntimeException | Error e) {
      permit.released();
      throw e;
    }
  }

  private Permit requirePermit(int attempts) {
    return switch (health.breaker().request(limit)) {
      case Permit permit -> permit;
      case Refusal refusal ->
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
  private Optional<Duration> pauseAfter(CallFailure failure, int number) {
    boolean retryable = failure.mayPass() && number <= retries.max() && !cancellation.isCancelled();
    if (!retryable) {
      return Optional.empty();
    }
    Duration backoff = retries.backoff(number - 1, ThreadLocalRandom.current().nextDouble());
    Duration requested = failure.retryAfter().orElse(Duration.ZERO);
    if (requested.compareTo(retries.maxBackoff()) > 0 || !health.budget().take()) {
      return Optional.empty();
    }
    return Optional.of(requested.compareTo(backoff) > 0 ? requested : backoff);
  }

  private void pause(Duration delay) {
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
