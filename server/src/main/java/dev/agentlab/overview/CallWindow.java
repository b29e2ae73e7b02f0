package dev.agentlab.overview;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/// The model calls of the last hour, by minute. Not thread-safe.
final class CallWindow {
  static final int MINUTES = 60;

  private static final long MINUTE_MILLIS = Duration.ofMinutes(1).toMillis();

  /// Each minute is at its number modulo the length; created at the first call.
  private final @Nullable Minute[] minutes = new Minute[MINUTES];

  private static final class Minute {
    private final LatencyHistogram latencies = new LatencyHistogram();
    private long number;
    private int calls;
    private int failed;
    private int providerFailures;

    private void reset(long newNumber) {
      number = newNumber;
      calls = 0;
      failed = 0;
      providerFailures = 0;
      latencies.clear();
    }
  }

  /// @param now when the call ended
  /// @param isProviderFailure whether it failed, and not because of the content of the request
  void record(Instant now, RecentCall.Status status, boolean isProviderFailure, Duration latency) {
    Minute minute = minute(now.toEpochMilli() / MINUTE_MILLIS);
    minute.calls++;
    minute.providerFailures += isProviderFailure ? 1 : 0;
    switch (status) {
      case OK -> minute.latencies.record(latency.toMillis());
      case FAILED -> minute.failed++;
      // Says nothing about the provider.
      case CANCELLED -> {}
    }
  }

  private Minute minute(long number) {
    int index = (int) (number % MINUTES);
    Minute minute = minutes[index];
    if (minute == null) {
      minute = new Minute();
      minutes[index] = minute;
    }
    if (minute.number != number) {
      minute.reset(number);
    }
    return minute;
  }

  /// The sum of the last minutes, the present one included.
  CallTotals totals(Instant now, int count) {
    LatencyHistogram latencies = new LatencyHistogram();
    long calls = 0;
    long failed = 0;
    long providerFailures = 0;
    for (long number : lastNumbers(now, count).toArray()) {
      Minute minute = minutes[(int) (number % MINUTES)];
      if (minute != null && minute.number == number) {
        calls += minute.calls;
        failed += minute.failed;
        providerFailures += minute.providerFailures;
        latencies.add(minute.latencies);
      }
    }
    return new CallTotals(
        calls, failed, providerFailures, latencies.percentile(0.5), latencies.percentile(0.95));
  }

  /// The last minutes, the oldest first.
  List<CallStatistics.Minute> lastMinutes(Instant now) {
    return lastNumbers(now, MINUTES)
        .mapToObj(number -> {
          Instant at = Instant.ofEpochMilli(number * MINUTE_MILLIS);
          CallTotals totals = totals(at, 1);
          return new CallStatistics.Minute(
              at, totals.calls(), totals.failed(), totals.p50Ms(), totals.p95Ms());
        })
        .toList();
  }

  private static LongStream lastNumbers(Instant now, int count) {
    long present = now.toEpochMilli() / MINUTE_MILLIS;
    return LongStream.rangeClosed(present - count + 1, present);
  }
}
