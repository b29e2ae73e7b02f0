package dev.agentlab.simulation;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// Decides which calls go wrong, by counting them: the same calls in the same order meet the same
/// fate. Safe for all threads.
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
  /// @return how long to wait, if it is over the limit
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

  /// Counts a call that is to be answered, and says whether with an error.
  synchronized boolean fails() {
    long before = answered++;
    return due(answered).compareTo(due(before)) > 0;
  }

  /// How many of the first calls are to fail.
  private BigDecimal due(long calls) {
    return errorRate.multiply(BigDecimal.valueOf(calls)).setScale(0, RoundingMode.FLOOR);
  }
}
