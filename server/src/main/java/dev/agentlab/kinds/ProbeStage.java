package dev.agentlab.kinds;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import java.util.Optional;

/// One stage of a probe. Its texts contain no secrets and no markup of the provider.
///
/// @param durationMs the duration in milliseconds; empty for a skipped stage, and for a stage that
///   is timed with the one before it
/// @param detail the observed result or error
/// @param cause the likely cause of a failure
/// @param fix the suggested fix of a failure
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record ProbeStage(
    Name name,
    Status status,
    Optional<Long> durationMs,
    Optional<String> detail,
    Optional<String> cause,
    Optional<String> fix) {

  /// The stages, in the order of execution.
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

  /// The outcome of a stage.
  public enum Status {
    PASSED,
    FAILED,
    /// Not executed: not needed, or an earlier stage failed.
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
