package dev.agentlab.kinds;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import java.util.Optional;

/// One step of a probe. None of its texts holds a secret or an upstream's markup.
///
/// @param durationMs milliseconds the step took; empty for one skipped, or timed with the step
///   before it
/// @param detail what was seen
/// @param cause why it failed, most likely
/// @param fix what to do about it
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record ProbeStage(
    Name name,
    Status status,
    Optional<Long> durationMs,
    Optional<String> detail,
    Optional<String> cause,
    Optional<String> fix) {

  /// The steps, in the order they are taken.
  public enum Name {
    RESOLVE,
    CONNECT,
    TLS,
    AUTHENTICATE,
    LIST_MODELS;

    @Override
    @JsonValue
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// How a step went.
  public enum Status {
    PASSED,
    FAILED,
    /// Not taken: not needed, or a step before it failed.
    SKIPPED;

    @Override
    @JsonValue
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  static ProbeStage passed(Name name, Optional<Long> durationMs, Optional<String> detail) {
    return new ProbeStage(
        name, Status.PASSED, durationMs, detail, Optional.empty(), Optional.empty());
  }

  static ProbeStage skipped(Name name, Optional<String> detail) {
    return new ProbeStage(
        name, Status.SKIPPED, Optional.empty(), detail, Optional.empty(), Optional.empty());
  }
}
