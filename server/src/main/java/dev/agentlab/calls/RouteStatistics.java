package dev.agentlab.calls;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.agentlab.json.SchemaDescription;
import dev.agentlab.json.SchemaName;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The calls of a route in the last hour and in the last day.
@SchemaName("RouteStatistics")
public record RouteStatistics(Period hour, Period day) {

  /// The calls in a period.
  @SchemaName("RoutePeriod")
  public record Period(
      Totals all,
      @SchemaDescription("By target, in the order of their names.") List<TargetTotals> targets) {
    public Period {
      targets = List.copyOf(targets);
    }
  }

  /// The calls of a target.
  @SchemaName("TargetTotals")
  public record TargetTotals(
      String target, @SchemaDescription("The calls that tried the target.") Totals totals) {}

  /// Numbers of calls.
  @SchemaName("RouteTotals")
  public record Totals(
      long calls,
      @SchemaDescription("Calls without a complete response; of a target, those that it failed.")
          long failed,
      @SchemaDescription(
              "Calls that a later target answered after an earlier one had failed or was skipped; of"
                  + " a target, those that it failed.")
          long moved,
      @SchemaDescription("Calls that failed after the first content, with an error event.")
          long endedInError,
      @SchemaDescription("Failed calls by outcome; of a target, failed attempts.")
          Map<String, Long> errors,
      @SchemaDescription("From the start of a call to the first content of its stream.")
          Latency firstContent,
      @SchemaDescription("From the start of a successful call to its end.") Latency duration,
      @SchemaDescription("The tokens by class, such as `cached_input`.") Map<String, Long> tokens) {
    public Totals {
      errors = Map.copyOf(errors);
      tokens = Map.copyOf(tokens);
    }
  }

  /// Percentiles of times, in microseconds; empty without a call.
  @SchemaName("CallLatency")
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  public record Latency(Optional<Long> p50Us, Optional<Long> p95Us) {}
}
