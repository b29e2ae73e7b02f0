package dev.agentlab.simulation;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// Decides which calls fail, by counting them: the same sequence of calls has the same failures.
/// Thread-safe.
final class FailureSchedule {
  private static final Duration RATE_LIMIT_WINDOW = Duration.ofMinutes(1);

  private final BigDecimal errorRate;
  private final Optional<Integer> rateLimit;

  private Instant windowEnd = Instant.MIN;
  private int callsInWindow;
  private long countedCalls;

  FailureSchedule(BigDecimal errorRate, Optional<Integer> rateLimit) {
    this.errorRate = errorRate;
    this.rateLimit = rateLimit;
  }

  /// Counts a call against the rate limit.
  ///
  /// @return the time until the limit is reset, if the call exceeds it
  synchronized Optional<Duration> checkRateLimit(Instant now) {
    if (!now.isBefore(windowEnd)) {
      windowEnd = now.plus(RATE_LIMIT_WINDOW);
      callsInWindow = 0;
    }
    if (rateLimit.filter(limit -> callsInWindow >= limit).isPresent()) {
      return Optional.of(Duration.between(now, windowEnd));
    }
    callsInWindow++;
    return Optional.empty();
  }

  /// Counts a call within the rate limit, and returns whether it must fail.
  synchronized boolean nextCallFails() {
    long previous = countedCalls++;
    return failuresDue(countedCalls).compareTo(failuresDue(previous)) > 0;
  }

  /// The number of failures among the first calls.
  private BigDecimal failuresDue(long calls) {
    return errorRate.multiply(BigDecimal.valueOf(calls)).setScale(0, RoundingMode.FLOOR);
  }
}
