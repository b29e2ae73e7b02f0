package dev.agentlab.modelclient;

import java.time.Duration;

/// The timeouts and the retry policy of the calls to one target.
///
/// @param timeout for a non-streaming response, per attempt, and for the first byte of a stream,
///   not for the rest of it; a shorter timeout of the provider or of the service applies as well;
///   at least 100 ms, unless a shorter one is already stored, and at most 1 h
/// @param retry how failed calls are retried
/// @param maxIdleConnections maximum number of connections kept open to the provider after calls, 1
///   to 1000; concurrent calls may use more
/// @param connectTimeout timeout for connecting; has the limits of the timeout
public record CallPolicy(
    Duration timeout, RetryPolicy retry, int maxIdleConnections, Duration connectTimeout) {

  /// The default policy.
  public static final CallPolicy DEFAULT =
      new CallPolicy(Duration.ofMinutes(2), RetryPolicy.DEFAULT, 10, Duration.ofSeconds(30));

  /// The policy of a client that retries itself: the timeouts of the provider and of the service,
  /// and no retries.
  public static final CallPolicy CLIENT_RETRIES =
      new CallPolicy(Duration.ofHours(1), RetryPolicy.NONE, 100, Duration.ofSeconds(30));

  private static final Duration MIN_FAIR_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration MIN_FAIR_CONNECT_TIMEOUT = Duration.ofSeconds(2);

  /// A copy with no timeout longer than this one.
  CallPolicy within(Duration limit) {
    return new CallPolicy(
        min(timeout, limit), retry, maxIdleConnections, min(connectTimeout, limit));
  }

  /// A copy with no longer timeouts than those of another policy.
  CallPolicy within(CallPolicy other) {
    return new CallPolicy(
        min(timeout, other.timeout),
        retry,
        maxIdleConnections,
        min(connectTimeout, other.connectTimeout));
  }

  private static Duration min(Duration one, Duration other) {
    return one.compareTo(other) <= 0 ? one : other;
  }

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
}
