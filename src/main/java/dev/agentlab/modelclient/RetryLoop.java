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

/// The attempts at one call: how often there is another, and when.
final class RetryLoop {

  /// One of them.
  @FunctionalInterface
  interface Attempt<T> {
    /// Makes the attempt.
    ///
    /// @param number which one, 1 for the first
    /// @param permit to report a success to, now or when the answer is whole; a failure that is
    ///   thrown is reported by the caller of this method
    /// @throws FailedAttempt if it brought no answer
    T make(int number, Permit permit);
  }

  private final Retries retries;
  private final ProviderHealth.Of health;
  private final Duration limit;
  private final Cancellation cancellation;

  /// @param limit how long one attempt may take
  RetryLoop(Target target, ProviderHealth.Of health, Duration limit, Cancellation cancellation) {
    this.retries = target.policy().retries();
    this.health = health;
    this.limit = limit;
    this.cancellation = cancellation;
  }

  /// @throws RelayException if the last attempt failed, or none may be made
  <T> T run(Attempt<T> attempt) {
    health.budget().called();
    for (int made = 0; ; made++) {
      Permit permit = requirePermit(made);
      int number = made + 1;
      try {
        return settled(attempt, number, permit);
      } catch (FailedAttemptException e) {
        pause(pauseAfter(e.failure(), number).orElseThrow(() -> e.failure().toException(number)));
      }
    }
  }

  /// Makes an attempt, and reports to its permit how it failed, with an [Error] too: until then no
  /// other call is allowed if this one is a trial.
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

  private Permit requirePermit(int made) {
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
              made);
    };
  }

  /// @param number of the attempt that failed
  /// @return empty if there is to be no other
  private Optional<Duration> pauseAfter(CallFailure failure, int number) {
    boolean again = failure.mayPass() && number <= retries.max() && !cancellation.isCancelled();
    if (!again) {
      return Optional.empty();
    }
    Duration backoff = retries.backoff(number - 1, ThreadLocalRandom.current().nextDouble());
    Duration asked = failure.retryAfter().orElse(Duration.ZERO);
    if (asked.compareTo(retries.maxBackoff()) > 0 || !health.budget().take()) {
      return Optional.empty();
    }
    return Optional.of(asked.compareTo(backoff) > 0 ? asked : backoff);
  }

  private void pause(Duration pause) {
    CountDownLatch cancelled = new CountDownLatch(1);
    Runnable forget = cancellation.onCancel(cancelled::countDown);
    try {
      if (cancelled.await(pause.toNanos(), TimeUnit.NANOSECONDS)) {
        throw CallFailure.cancelled().toException(0);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw CallFailure.cancelled().toException(0);
    } finally {
      forget.run();
    }
  }
}
