package dev.agentlab.simulation;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// The settings of a simulated provider.
///
/// @param latency until the first byte of a response
/// @param timePerToken time between two tokens; a non-streaming response is sent when its last
///   token would be
/// @param reply the reply to every request; by default an echo, or a value that satisfies the
///   requested JSON Schema
/// @param errorRate the fraction of chats and embeddings that fail, evenly spread: 0.25 is every
///   fourth
/// @param errorStatus the HTTP status of a failure
/// @param rateLimit the number of chats and embeddings accepted per minute; others get status 429
/// @param truncateAfter the number of tokens after which a stream breaks off
/// @param dimensions of an embedding, unless the request specifies them
/// @param models the models to list; any other is rejected. If empty, one is listed and every name
///   is accepted
public record SimulationSettings(
    Duration latency,
    Duration timePerToken,
    Optional<String> reply,
    ToolUse toolUse,
    BigDecimal errorRate,
    int errorStatus,
    Optional<Integer> rateLimit,
    Optional<Integer> truncateAfter,
    int dimensions,
    List<String> models) {

  /// The maximum number of dimensions of an embedding.
  public static final int MAX_DIMENSIONS = 4_096;

  /// Whether a tool is called if the request leaves the choice to the model.
  public enum ToolUse {
    /// Calls a tool unless the last message is the result of one.
    AUTO,
    ALWAYS,
    NEVER
  }

  public SimulationSettings {
    models = List.copyOf(models);
    // Numbers that differ only in trailing zeros make equal settings.
    errorRate = errorRate.stripTrailingZeros();
  }
}
