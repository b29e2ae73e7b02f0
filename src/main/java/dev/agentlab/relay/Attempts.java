package dev.agentlab.relay;

import dev.agentlab.relay.CallPolicy.Retries;
import dev.agentlab.relay.RelayException.Kind;
import dev.agentlab.upstream.Cancellation;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// The attempts at one call: how often there is another, and when.
final class Attempts {

  /// One of them.
  @FunctionalInterface
  interface Attempt<T> {
    /// Makes the attempt.
    ///
    /// @param number which one, 1 for the first
    /// @throws FailedAttempt if it brought no answer
    T make(int number);
  }

  private final Retries retries;
  private final Health.Of health;
  private final Cancellation cancellation;

  Attempts(Target target, Health.Of health, Cancellation cancellation) {
    this.retries = target.policy().retries();
    this.health = health;
    this.cancellation = cancellation;
  }

  /// @throws RelayException if the last attempt failed, or none may be made
  <T> T run(Attempt<T> attempt) {
    health.budget().called();
    for (int made = 0; ; made++) {
      knock(made);
      int number = made + 1;
      try {
        return settled(attempt, number);
      } catch (FailedAttempt e) {
        pause(pauseAfter(e.failure(), number).orElseThrow(() -> e.failure().toException(number)));
      }
    }
  }

  /// Makes an attempt and tells the breaker how it ended, with an [Error] too: while it waits for
  /// that it lets nobody else through.
  private <T> T settled(Attempt<T> attempt, int number) {
    Consumer<CircuitBreaker> outcome = CircuitBreaker::undecided;
    try {
      T result = attempt.make(number);
      outcome = CircuitBreaker::succeeded;
      return result;
    } catch (FailedAttempt e) {
      outcome = breaker -> breaker.ended(e.failure());
      throw e;
    } finally {
      outcome.accept(health.breaker());
    }
  }

  private void knock(int made) {
    Optional<Duration> refusal = health.breaker().refusal(System.nanoTime());
    if (refusal.isPresent()) {
      throw new RelayException(
          Kind.SUSPENDED,
          "the provider failed repeatedly and is not called for %d s more"
              .formatted(refusal.get().toSeconds() + 1),
          Optional.empty(),
          refusal,
          made);
    }
  }

  /// @param number of the attempt that failed
  /// @return empty if there is to be no other
  private Optional<Duration> pauseAfter(Failure failure, int number) {
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
        throw Failure.cancelled().toException(0);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Failure.cancelled().toException(0);
    } finally {
      forget.run();
    }
  }
}
