package dev.agentlab.modelclient;

import java.time.Duration;

/// The timeouts and the retry policy of a model call.
///
/// @param timeout for a non-streaming response, per attempt, and for the first byte of a stream
/// @param connectTimeout timeout for connecting
/// @param maxIdleConnections maximum number of connections kept open to the provider after calls;
///   concurrent calls may use more
public record CallPolicy(
    Duration timeout, Duration connectTimeout, int maxIdleConnections, RetryPolicy retryPolicy) {
  private static final Duration MIN_FAIR_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration MIN_FAIR_CONNECT_TIMEOUT = Duration.ofSeconds(2);

  /// Whether a healthy provider responds within the timeout. The short timeout of one agent must
  /// not open the circuit breaker of a provider that other agents share.
  boolean allowsTimeToRespond() {
    return timeout.compareTo(MIN_FAIR_TIMEOUT) >= 0;
  }

  /// Whether a healthy provider accepts a connection within the timeouts.
  boolean allowsTimeToConnect() {
    return timeout.compareTo(MIN_FAIR_CONNECT_TIMEOUT) >= 0
        && connectTimeout.compareTo(MIN_FAIR_CONNECT_TIMEOUT) >= 0;
  }

  /// The retry policy for transient failures.
  ///
  /// @param maxRetries maximum number of retries
  /// @param initialBackoff backoff before the first retry
  /// @param maxBackoff maximum backoff
  /// @param multiplier factor by which the backoff grows with each retry; at least 1
  /// @param jitter whether each backoff is reduced by a random fraction of up to one half, so that
  ///   callers that failed together do not retry together
  public record RetryPolicy(
      int maxRetries,
      Duration initialBackoff,
      Duration maxBackoff,
      double multiplier,
      boolean jitter) {

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
}
