package dev.agentlab.overview;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.agentlab.json.SchemaDescription;
import dev.agentlab.json.SchemaName;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/// A model call that has ended.
@SchemaName("RecentCall")
@JsonInclude(JsonInclude.Include.NON_ABSENT)
record RecentCall(
    @SchemaDescription("When the call ended.") Instant at,
    @SchemaDescription("The id of the caller, such as that of an API key.") String callerId,
    String callerName,
    @SchemaDescription("The name of the provider that was called last.") String provider,
    @SchemaDescription("The model that was requested last.") String model,
    @SchemaDescription("The name of the agent that was run.") Optional<String> agent,
    Optional<UUID> agentId,
    Status status,
    @SchemaDescription("The kind of the failure, such as `timed_out` or `refused`.")
        Optional<String> failure,
    @SchemaDescription("The time from the start to the end, in milliseconds.") long latencyMs,
    @SchemaDescription("The time to the first content of a stream, in milliseconds.")
        Optional<Long> firstContentMs,
    @SchemaDescription("The input tokens, if the provider reported them.")
        Optional<Long> inputTokens,
    @SchemaDescription("The output tokens, if the provider reported them.")
        Optional<Long> outputTokens,
    boolean streamed) {

  /// How a call ended.
  enum Status {
    OK,
    FAILED,
    /// The caller did not wait for the response.
    CANCELLED;

    @Override
    @JsonValue
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
