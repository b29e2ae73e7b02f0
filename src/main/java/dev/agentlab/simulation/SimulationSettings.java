package dev.agentlab.simulation;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// How a simulated provider behaves.
///
/// @param latency until the first byte of an answer
/// @param timePerToken from one token to the next; a whole answer comes when its last token would
/// @param reply what it says, whatever it is asked for; else an echo, or a value for a JSON schema
/// @param errorRate which part of the chats and embeddings fails, evenly spread: 0.25 is every
///   fourth
/// @param errorStatus the HTTP status of a failure
/// @param rateLimit how many chats and embeddings a minute may bring before the rest gets 429
/// @param truncateAfter tokens after which a stream breaks off
/// @param dimensions of an embedding, unless the request says otherwise
/// @param models to list; any other is unknown. If empty, one is listed and every name will do
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

  /// The most dimensions that an embedding can have.
  public static final int MOST_DIMENSIONS = 4_096;

  /// Whether a tool is called when the caller leaves that open.
  public enum ToolUse {
    /// Unless the last message is a tool's result.
    AUTO,
    ALWAYS,
    NEVER
  }

  public SimulationSettings {
    models = List.copyOf(models);
    // Equal numbers make equal settings, however they are written.
    errorRate = errorRate.stripTrailingZeros();
  }
}
