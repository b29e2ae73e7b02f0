package dev.agentlab.modelclient;

import dev.agentlab.json.SchemaName;
import java.util.List;
import java.util.UUID;

/// Where a route sent a call, and why.
///
/// @param name the name of the route at the time of the call
/// @param order the names of the targets in the order in which they were tried or skipped
/// @param skipped the targets that were not called although an earlier one had failed or there was
///   none
public record RouteDecision(
    UUID id, String name, long revision, List<String> order, List<SkippedTarget> skipped) {

  /// A target that was not called.
  ///
  /// @param target its name, such as `openai/gpt-5`
  /// @param reason for the caller, without text of a provider
  @SchemaName("SkippedTarget")
  public record SkippedTarget(String target, String reason) {}

  public RouteDecision {
    order = List.copyOf(order);
    skipped = List.copyOf(skipped);
  }
}
