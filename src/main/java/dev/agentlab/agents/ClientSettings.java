package dev.agentlab.agents;

import dev.agentlab.config.GoDuration;
import java.time.Duration;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// How an agent's calls are made.
///
/// @param timeout of each try of a call whose answer comes whole, and for the first byte of a
///   stream; at least 100 ms, or what was stored, at most an hour
/// @param connectionPoolSize connections kept to the provider after calls, 1 to 1000; calls at one
///   time may need more
/// @param connectionTimeout for making a connection; as long as the timeout may be
public record ClientSettings(
    Duration timeout, Retry retry, int connectionPoolSize, Duration connectionTimeout) {

  /// What holds for an agent that says nothing.
  public static final ClientSettings STANDARD =
      new ClientSettings(
          Duration.ofMinutes(2),
          new Retry(3, Duration.ofSeconds(1), Duration.ofSeconds(30), 2.0, true),
          10,
          Duration.ofSeconds(30));

  /// When a failed call is made again, and how often.
  ///
  /// @param maxRetries repetitions at most, 0 to 10
  /// @param initialBackoff pause before the first repetition; above 0, at most an hour
  /// @param maxBackoff the longest pause, at least the first one, at most an hour
  /// @param backoffMultiplier how much longer each pause is than the one before, 1 to 100
  /// @param jitter whether pauses are shortened at random, so that many callers do not come back
  ///   together
  public record Retry(
      int maxRetries,
      Duration initialBackoff,
      Duration maxBackoff,
      double backoffMultiplier,
      boolean jitter) {

    private ObjectNode json() {
      return JsonNodeFactory.instance
          .objectNode()
          .put("max_retries", maxRetries)
          .put("initial_backoff", GoDuration.format(initialBackoff))
          .put("max_backoff", GoDuration.format(maxBackoff))
          .put("backoff_multiplier", backoffMultiplier)
          .put("jitter", jitter);
    }
  }

  ObjectNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("timeout", GoDuration.format(timeout)).set("retry", retry.json());
    return json.put("connection_pool_size", connectionPoolSize)
        .put("connection_timeout", GoDuration.format(connectionTimeout));
  }
}
