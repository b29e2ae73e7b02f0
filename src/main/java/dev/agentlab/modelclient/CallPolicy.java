package dev.agentlab.modelclient;

import java.time.Duration;

/// How long a call may take and how often it is tried.
///
/// @param timeout for a whole answer, each try by itself, and for the first byte of a stream
/// @param connectTimeout until a connection stands
/// @param connections kept to the provider after calls; calls at one time may need more
public record CallPolicy(
    Duration timeout, Duration connectTimeout, int connections, Retries retries) {
  private static final Duration ENOUGH_TO_ANSWER = Duration.ofSeconds(10);
  private static final Duration ENOUGH_TO_CONNECT = Duration.ofSeconds(2);

  /// Whether a provider that is well answers in that time. One agent's haste is not to count
  /// against a provider of many.
  boolean givesTimeToAnswer() {
    return timeout.compareTo(ENOUGH_TO_ANSWER) >= 0;
  }

  /// Whether one that is well accepts a connection in that time.
  boolean givesTimeToConnect() {
    return timeout.compareTo(ENOUGH_TO_CONNECT) >= 0
        && connectTimeout.compareTo(ENOUGH_TO_CONNECT) >= 0;
  }

  /// What is done when a try fails in a way that another may not.
  ///
  /// @param max tries after the first
  /// @param initialBackoff before the first of them
  /// @param maxBackoff between two tries at most
  /// @param multiplier by which the backoff grows from one to the next; at least 1
  /// @param jitter whether a random part, up to half, is taken off each backoff, so that callers
  ///   which failed together do not come back together
  public record Retries(
      int max, Duration initialBackoff, Duration maxBackoff, double multiplier, boolean jitter) {

    /// How long to wait before a try.
    ///
    /// @param retry which one, 0 for the first after a failure
    /// @param random from 0 to 1
    Duration backoff(int retry, double random) {
      double nanos = (double) initialBackoff.toNanos() * Math.pow(multiplier, retry);
      double most = Math.min(nanos, (double) maxBackoff.toNanos());
      return Duration.ofNanos((long) (jitter ? most * (1 - random / 2) : most));
    }
  }
}
