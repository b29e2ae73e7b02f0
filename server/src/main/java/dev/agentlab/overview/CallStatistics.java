package dev.agentlab.overview;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.agentlab.json.SchemaDescription;
import dev.agentlab.json.SchemaName;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// The model calls of this replica in the last 60 minutes.
@SchemaName("CallStatistics")
@SchemaDescription("The model calls of the last 60 minutes through the replica that answers.")
@JsonInclude(JsonInclude.Include.NON_ABSENT)
record CallStatistics(
    @SchemaDescription("One entry for each of the last 60 minutes, the oldest first.")
        List<Minute> minutes,
    long calls,
    @SchemaDescription("The calls that failed, without those that the caller cancelled.")
        long failed,
    @SchemaDescription("The median latency of the calls that succeeded, in milliseconds.")
        Optional<Long> p50Ms,
    @SchemaDescription("The latency that 95 % of these calls did not exceed, in milliseconds.")
        Optional<Long> p95Ms) {
  CallStatistics {
    minutes = List.copyOf(minutes);
  }

  /// One minute.
  ///
  /// @param at its start
  @SchemaName("CallMinute")
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  record Minute(Instant at, long calls, long failed, Optional<Long> p50Ms, Optional<Long> p95Ms) {}
}
