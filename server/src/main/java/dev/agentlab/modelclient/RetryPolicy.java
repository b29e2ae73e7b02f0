package dev.agentlab.modelclient;

import java.time.Duration;

/// How transient failures of one target are retried.
///
/// @param maxRetries maximum number of retries, 0 to 10
/// @param initialBackoff backoff before the first retry; above 0, at most 1 h
/// @param maxBackoff maximum backoff; at least the initial one, at most 1 h
/// @param multiplier factor by which the backoff grows with each retry, 1 to 100
/// @param jitter whether each backoff is reduced by a random fraction of up to one half, so that
///   callers that failed together do not retry together
public record RetryPolicy(
    int maxRetries,
    Duration initialBackoff,
    Duration maxBackoff,
    double multiplier,
    boolean jitter) {

  /// The default policy.
  public static final RetryPolicy DEFAULT =
      new RetryPolicy(3, Duration.ofSeconds(1), Duration.ofSeconds(30), 2.0, true);

  /// No retries.
  public static final RetryPolicy NONE =
      new RetryPolicy(0, Duration.ofSeconds(1), Duration.ofSeconds(1), 1.0, false);

  /// The backoff before a retry.
  ///
  /// @param retry index of the retry, from 0
  /// @param random a number from 0 to 1
  Duration backoff(int retry, double random) {
    double nanos = (double) initialBackoff.toNanos() * Math.pow(multiplier, retry);
    double capped = Math.min(nanos, (double) maxBackoff.toNanos());
    return Duration.ofNanos((long) (jitter ? capped * (1 - random / 2) : capped));
  }
}
