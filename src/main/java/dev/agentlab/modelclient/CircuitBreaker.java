package dev.agentlab.modelclient;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Refuses calls to a provider that keeps failing, so that callers are answered at once and the
/// provider can recover. It opens when at least half of the last calls failed, allows one trial
/// call after a delay, and closes when that succeeds. Safe for all threads.
final class CircuitBreaker {
  private static final int WINDOW_CALLS = 20;
  private static final int MIN_FAILURES = 10;
  private static final Duration INITIAL_DELAY = Duration.ofSeconds(5);
  private static final Duration MAX_DELAY = Duration.ofMinutes(1);
  private static final Duration MAX_TRIAL = Duration.ofMinutes(1);

  /// The answer to a request for a call.
  sealed interface Decision permits Permit, Refusal {}

  /// No call may be made now.
  ///
  /// @param cause why the last call failed that counted
  /// @param since when the breaker opened
  /// @param until when the next call is allowed at the latest
  /// @param retryAfter how long to wait; zero while a trial call, which may end at any time, is
  ///   under way
  record Refusal(String cause, Instant since, Instant until, Duration retryAfter)
      implements Decision {}

  /// Allows one call and takes its outcome once. Has no effect once it has reported, or once the
  /// breaker has opened, closed or begun another trial since it was issued.
  final class Permit implements Decision {
    private final long issuedIn;
    private boolean reported;

    private Permit(long issuedIn) {
      this.issuedIn = issuedIn;
    }

    /// Reports that the call brought a whole answer.
    void succeeded() {
      report(CircuitBreaker.this::recordSuccess);
    }

    /// Reports a failure that counts against the provider.
    ///
    /// @param cause fit to show to every caller of the provider
    void failed(String cause) {
      report(() -> recordFailure(cause));
    }

    /// Reports that the call ended in a way that says nothing about the provider.
    void released() {
      report(CircuitBreaker.this::recordRelease);
    }

    private void report(Runnable outcome) {
      synchronized (CircuitBreaker.this) {
        if (!reported && issuedIn == generation) {
          outcome.run();
        }
        reported = true;
      }
    }
  }

  /// Why and since when the breaker is open.
  private record Opening(String cause, Instant since) {}

  private final LongSupplier nanoTime;
  private final InstantSource clock;

  /// Changes whenever the breaker opens, closes or begins a trial: earlier permits are stale.
  private long generation;

  /// The outcomes of the last calls while closed, a bit for each that failed.
  private int failures;

  private @Nullable Opening opening;

  /// When a trial may begin, in the time of `nanoTime`; meaningful while open. During a trial, when
  /// another may take its place.
  private long nextTrialAt;

  private boolean onTrial;
  private Duration delay = INITIAL_DELAY;

  /// @param nanoTime measures delays, as [System#nanoTime] does
  /// @param clock tells the instants to show
  CircuitBreaker(LongSupplier nanoTime, InstantSource clock) {
    this.nanoTime = nanoTime;
    this.clock = clock;
  }

  /// Asks to make a call.
  ///
  /// @param limit how long the call may take; a trial without an outcome after that, or after a
  ///   minute, gives way to another
  synchronized Decision request(Duration limit) {
    Opening current = opening;
    if (current == null) {
      return new Permit(generation);
    }
    long now = nanoTime.getAsLong();
    if (now - nextTrialAt < 0) {
      Duration wait = Duration.ofNanos(nextTrialAt - now);
      return new Refusal(
          current.cause, current.since, clock.instant().plus(wait), onTrial ? Duration.ZERO : wait);
    }
    onTrial = true;
    nextTrialAt = now + min(limit, MAX_TRIAL).toNanos();
    return new Permit(++generation);
  }

  /// Whether calls are refused now.
  synchronized boolean isOpen() {
    return opening != null && nanoTime.getAsLong() - nextTrialAt < 0;
  }

  private void recordSuccess() {
    if (opening == null) {
      record(0);
    } else {
      opening = null;
      onTrial = false;
      delay = INITIAL_DELAY;
      failures = 0;
      generation++;
    }
  }

  private void recordFailure(String cause) {
    Opening current = opening;
    if (current != null) {
      delay = min(delay.multipliedBy(2), MAX_DELAY);
      open(new Opening(cause, current.since));
      return;
    }
    record(1);
    if (Integer.bitCount(failures) >= MIN_FAILURES) {
      open(new Opening(cause, clock.instant()));
    }
  }

  private void recordRelease() {
    if (onTrial) {
      onTrial = false;
      nextTrialAt = nanoTime.getAsLong();
    }
  }

  private void record(int failure) {
    failures = (failures << 1 | failure) & (1 << WINDOW_CALLS) - 1;
  }

  private void open(Opening next) {
    opening = next;
    onTrial = false;
    nextTrialAt = nanoTime.getAsLong() + delay.toNanos();
    generation++;
  }

  private static Duration min(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}
