package dev.agentlab.agents;

import dev.agentlab.time.GoDuration;
import java.time.Duration;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The settings of an agent's model calls.
///
/// @param timeout of each attempt of a non-streaming call, and for the first byte of a stream; at
///   least 100 ms, unless a shorter one is already stored, and at most 1 h
/// @param connectionPoolSize idle connections kept to the provider, 1 to 1000; concurrent calls may
///   use more
/// @param connectionTimeout for establishing a connection; has the limits of the timeout
public record ClientSettings(
    Duration timeout, RetrySettings retry, int connectionPoolSize, Duration connectionTimeout) {

  /// The default settings.
  public static final ClientSettings DEFAULT =
      new ClientSettings(
          Duration.ofMinutes(2),
          new RetrySettings(3, Duration.ofSeconds(1), Duration.ofSeconds(30), 2.0, true),
          10,
          Duration.ofSeconds(30));

  /// How failed model calls are retried.
  ///
  /// @param maxRetries maximum number of retries, 0 to 10
  /// @param initialBackoff delay before the first retry; above 0, at most 1 h
  /// @param maxBackoff maximum delay; at least the initial one, at most 1 h
  /// @param backoffMultiplier factor by which the delay grows with each retry, 1 to 100
  /// @param jitter whether delays are shortened at random, so that concurrent callers do not retry
  ///   at the same time
  public record RetrySettings(
      int maxRetries,
      Duration initialBackoff,
      Duration maxBackoff,
      double backoffMultiplier,
      boolean jitter) {

    private ObjectNode toJson() {
      return JsonNodeFactory.instance
          .objectNode()
          .put("max_retries", maxRetries)
          .put("initial_backoff", GoDuration.format(initialBackoff))
          .put("max_backoff", GoDuration.format(maxBackoff))
          .put("backoff_multiplier", backoffMultiplier)
          .put("jitter", jitter);
    }
  }

  ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("timeout", GoDuration.format(timeout)).set("retry", retry.toJson());
    return json.put("connection_pool_size", connectionPoolSize)
        .put("connection_timeout", GoDuration.format(connectionTimeout));
  }
}
