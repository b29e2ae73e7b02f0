package dev.agentlab.modelclient;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// The circuit breaker of one model of a provider, with one credential. Rejects calls while they
/// keep failing, so that calls fail fast and the provider can recover. It opens when at least half
/// of the last calls failed. After a delay it is half-open and allows one trial call, and it closes
/// when that succeeds. Thread-safe.
final class CircuitBreaker {
  private static final int WINDOW_SIZE = 20;
  private static final int MIN_FAILURES = 10;
  private static final Duration INITIAL_OPEN_DURATION = Duration.ofSeconds(5);
  private static final Duration MAX_OPEN_DURATION = Duration.ofMinutes(1);
  private static final Duration MAX_TRIAL_DURATION = Duration.ofMinutes(1);
  private static final Duration MAX_RATE_LIMIT = Duration.ofMinutes(1);

  /// Whether a call is allowed.
  sealed interface Decision permits Permit, Rejection, RateLimit {}

  /// The call is not allowed.
  ///
  /// @param cause the cause of the last counted failure
  /// @param since time when the breaker opened
  /// @param until latest time when the next call is allowed
  /// @param retryAfter time to wait; zero while a trial call, which can end at any time, is in
  ///   progress
  record Rejection(String cause, Instant since, Instant until, Duration retryAfter)
      implements Decision {}

  /// The call is not allowed, because the provider has announced when it takes calls again.
  ///
  /// @param cause the message of the failure that announced it
  /// @param retryAfter time to wait
  record RateLimit(String cause, Duration retryAfter) implements Decision {}

  /// Allows one call, and accepts its outcome once. An outcome has no effect if the breaker has
  /// opened, closed or started another trial since the permit was issued.
  final class Permit implements Decision {
    private final long permitGeneration;
    private boolean reported;

    private Permit(long issuedIn) {
      this.permitGeneration = issuedIn;
    }

    /// Reports a complete response.
    void succeed() {
      report(CircuitBreaker.this::recordSuccess);
    }

    /// Reports a failure that counts against the provider.
    ///
    /// @param cause shown to all callers of the provider, so it must not contain text of the
    ///   provider
    void fail(String cause) {
      report(() -> recordFailure(cause));
    }

    /// Reports that the provider takes no calls for a time. The provider works, so that does not
    /// count against it.
    ///
    /// @param cause shown to all callers of the provider, so it must not contain text of the
    ///   provider
    /// @param reset the time; after a minute at most, the next call finds out whether it still
    ///   holds
    void limitRate(String cause, Duration reset) {
      report(() -> recordRateLimit(cause, reset));
    }

    /// Reports an outcome that does not count for or against the provider.
    void release() {
      report(CircuitBreaker.this::recordRelease);
    }

    private void report(Runnable outcome) {
      synchronized (CircuitBreaker.this) {
        if (!reported && permitGeneration == generation) {
          outcome.run();
        }
        reported = true;
      }
    }
  }

  /// The cause and the start of the open state.
  record OpenState(String cause, Instant since) {}

  private final LongSupplier nanoTime;
  private final InstantSource clock;

  /// Incremented when the breaker opens, closes or starts a trial, which invalidates earlier
  /// permits.
  private long generation;

  /// The outcomes of the last calls in the closed state: one bit per call, set for a failure.
  private int failures;

  private @Nullable OpenState openState;

  /// The cause of the rate limit in force, and its end in the time of `nanoTime`.
  private @Nullable String rateLimitCause;

  private long rateLimitUntil;

  /// The earliest start of the next trial, in the time of `nanoTime`. Unused in the closed state.
  /// During a trial, the time when another trial may replace it.
  private long nextTrialAt;

  private boolean halfOpen;
  private Duration delay = INITIAL_OPEN_DURATION;

  /// @param nanoTime measures delays, as [System#nanoTime] does
  /// @param clock provides the instants in rejections
  CircuitBreaker(LongSupplier nanoTime, InstantSource clock) {
    this.nanoTime = nanoTime;
    this.clock = clock;
  }

  /// Requests a permit for a call.
  ///
  /// @param limit maximum duration of the call; a trial without an outcome after that time, or
  ///   after a minute, is replaced by another
  synchronized Decision requestPermit(Duration limit) {
    if (openState == null && rateLimitCause == null) {
      return new Permit(generation);
    }
    long now = nanoTime.getAsLong();
    Optional<Decision> refusal = refusal(now);
    if (refusal.isPresent()) {
      return refusal.get();
    }
    rateLimitCause = null;
    if (openState == null) {
      return new Permit(generation);
    }
    halfOpen = true;
    nextTrialAt = now + min(limit, MAX_TRIAL_DURATION).toNanos();
    return new Permit(++generation);
  }

  /// Why a call would not be allowed now; empty if it would.
  synchronized Optional<Decision> refusal() {
    return refusal(nanoTime.getAsLong());
  }

  private Optional<Decision> refusal(long now) {
    String limitCause = rateLimitCause;
    if (limitCause != null && now - rateLimitUntil < 0) {
      return Optional.of(new RateLimit(limitCause, Duration.ofNanos(rateLimitUntil - now)));
    }
    OpenState current = openState;
    if (current != null && now - nextTrialAt < 0) {
      Duration wait = Duration.ofNanos(nextTrialAt - now);
      return Optional.of(
          new Rejection(
              current.cause,
              current.since,
              clock.instant().plus(wait),
              halfOpen ? Duration.ZERO : wait));
    }
    return Optional.empty();
  }

  /// Whether calls are rejected now.
  boolean isOpen() {
    return openState().isPresent();
  }

  /// The cause and the start of the open state, if calls are rejected now.
  synchronized Optional<OpenState> openState() {
    return Optional.ofNullable(openState).filter(_ -> nanoTime.getAsLong() - nextTrialAt < 0);
  }

  private void recordSuccess() {
    if (openState == null) {
      record(0);
    } else {
      openState = null;
      halfOpen = false;
      delay = INITIAL_OPEN_DURATION;
      failures = 0;
      generation++;
    }
  }

  private void recordFailure(String cause) {
    OpenState current = openState;
    if (current != null) {
      delay = min(delay.multipliedBy(2), MAX_OPEN_DURATION);
      open(new OpenState(cause, current.since));
      return;
    }
    record(1);
    if (Integer.bitCount(failures) >= MIN_FAILURES) {
      open(new OpenState(cause, clock.instant()));
    }
  }

  private void recordRateLimit(String cause, Duration reset) {
    recordRelease();
    long until = nanoTime.getAsLong() + min(reset, MAX_RATE_LIMIT).toNanos();
    if (reset.isPositive() && (rateLimitCause == null || until - rateLimitUntil > 0)) {
      rateLimitCause = cause;
      rateLimitUntil = until;
    }
  }

  private void recordRelease() {
    if (halfOpen) {
      halfOpen = false;
      nextTrialAt = nanoTime.getAsLong();
    }
  }

  private void record(int failure) {
    failures = (failures << 1 | failure) & (1 << WINDOW_SIZE) - 1;
  }

  private void open(OpenState next) {
    openState = next;
    halfOpen = false;
    nextTrialAt = nanoTime.getAsLong() + delay.toNanos();
    generation++;
  }

  private static Duration min(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}
