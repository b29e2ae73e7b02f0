package dev.agentlab.overview;

import java.util.Arrays;
import java.util.Optional;

/// Counts latencies in buckets, of which four have each power of two, so that a percentile is exact
/// to about a tenth. Not thread-safe.
final class LatencyHistogram {
  private static final int BUCKETS = 80;

  private final int[] counts = new int[BUCKETS];

  /// @param millis a longer latency than half an hour is counted as that
  void record(long millis) {
    counts[bucket(millis)]++;
  }

  void clear() {
    Arrays.fill(counts, 0);
  }

  void add(LatencyHistogram other) {
    for (int i = 0; i < BUCKETS; i++) {
      counts[i] += other.counts[i];
    }
  }

  /// The latency in milliseconds that a fraction of the latencies does not exceed; empty if there
  /// is none.
  Optional<Long> percentile(double fraction) {
    long total = 0;
    for (int count : counts) {
      total += count;
    }
    long rank = Math.max(1, (long) Math.ceil(fraction * total));
    long before = 0;
    for (int i = 0; i < BUCKETS; i++) {
      if (before + counts[i] >= rank && counts[i] > 0) {
        double position = (rank - before - 0.5) / counts[i];
        return Optional.of(start(i) + (long) (position * (start(i + 1) - start(i))));
      }
      before += counts[i];
    }
    return Optional.empty();
  }

  /// The first four buckets have a width of 1 ms; then the two bits below the highest one select
  /// the bucket.
  private static int bucket(long millis) {
    if (millis < 4) {
      return (int) Math.max(0, millis);
    }
    int exponent = Long.SIZE - 1 - Long.numberOfLeadingZeros(millis);
    int bucket = (exponent - 1) * 4 + (int) (millis >> (exponent - 2) & 3);
    return Math.min(bucket, BUCKETS - 1);
  }

  /// The smallest latency of a bucket.
  private static long start(int bucket) {
    return bucket < 4 ? bucket : (4L + bucket % 4) << (bucket / 4 - 1);
  }
}
