package dev.agentlab.simulation;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// Decides which calls fail, by counting them: the same sequence of calls has the same failures.
/// Thread-safe.
final class FailureSchedule {
  private static final Duration WINDOW = Duration.ofMinutes(1);

  private final BigDecimal errorRate;
  private final Optional<Integer> rateLimit;

  private Instant windowEnd = Instant.MIN;
  private int inWindow;
  private long answered;

  FailureSchedule(BigDecimal errorRate, Optional<Integer> rateLimit) {
    this.errorRate = errorRate;
    this.rateLimit = rateLimit;
  }

  /// Counts a call against the rate limit.
  ///
  /// @return the time until the limit is reset, if the call exceeds it
  synchronized Optional<Duration> overLimit(Instant now) {
    if (!now.isBefore(windowEnd)) {
      windowEnd = now.plus(WINDOW);
      inWindow = 0;
    }
    if (rateLimit.filter(limit -> inWindow >= limit).isPresent()) {
      return Optional.of(Duration.between(now, windowEnd));
    }
    inWindow++;
    return Optional.empty();
  }

  /// Counts a call within the rate limit, and returns whether it must fail.
  synchronized boolean fails() {
    long previous = answered++;
    return due(answered).compareTo(due(previous)) > 0;
  }

  /// The number of failures among the first calls.
  private BigDecimal due(long calls) {
    return errorRate.multiply(BigDecimal.valueOf(calls)).setScale(0, RoundingMode.FLOOR);
  }
}
