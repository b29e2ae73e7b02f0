package dev.agentlab.relay;

import java.time.Duration;
import java.util.Optional;

/// Leaves a provider alone that keeps failing, so that its callers hear so at once and it can
/// recover. It opens when at least half of the last calls failed, lets one call through after a
/// rest, and closes when that succeeds. Safe for all threads.
final class CircuitBreaker {
  private static final int LAST_CALLS = 20;
  private static final int FEWEST_FAILURES = 10;
  private static final Duration FIRST_REST = Duration.ofSeconds(5);
  private static final Duration LONGEST_REST = Duration.ofMinutes(1);

  /// The outcome of the last calls, a bit for each that failed.
  private int failures;

  /// When the next call may be made, in the time of [System#nanoTime]; meaningful while open.
  private long opensAgain;

  private boolean open;
  private boolean trying;
  private Duration rest = FIRST_REST;

  /// Asks to make a call.
  ///
  /// @return how long to wait for the next chance; empty if the call may be made, whose outcome is
  ///   then to be told
  synchronized Optional<Duration> refusal(long now) {
    if (!open) {
      return Optional.empty();
    }
    if (now - opensAgain >= 0 && !trying) {
      trying = true;
      return Optional.empty();
    }
    return Optional.of(Duration.ofNanos(Math.max(0, opensAgain - now)));
  }

  /// Notes how a call ended that was let through and failed.
  void ended(Failure failure) {
    if (failure.isProviders()) {
      failed(System.nanoTime());
    } else {
      undecided();
    }
  }

  synchronized void succeeded() {
    failures = failures << 1 & (1 << LAST_CALLS) - 1;
    if (trying || !open) {
      open = false;
      trying = false;
      rest = FIRST_REST;
    }
  }

  synchronized void failed(long now) {
    failures = (failures << 1 | 1) & (1 << LAST_CALLS) - 1;
    if (trying) {
      rest = rest.multipliedBy(2).compareTo(LONGEST_REST) > 0 ? LONGEST_REST : rest.multipliedBy(2);
      open(now);
    } else if (!open && Integer.bitCount(failures) >= FEWEST_FAILURES) {
      open(now);
    }
  }

  /// Says that a call ended in a way that tells nothing about the provider.
  synchronized void undecided() {
    trying = false;
  }

  private void open(long now) {
    open = true;
    trying = false;
    failures = 0;
    opensAgain = now + rest.toNanos();
  }
}
