package dev.agentlab.routing;

import dev.agentlab.errors.UnavailableException;
import dev.agentlab.modelclient.PlanRequest;
import dev.agentlab.modelclient.PlannedTarget;
import java.util.List;
import java.util.Optional;

/// Resolves what the targets of routes call. Implemented where the domains are wired together.
/// Thread-safe.
public interface DestinationResolver {
  /// What a destination calls, in the order in which it is tried; empty if this is not in memory.
  /// Does not block.
  ///
  /// @param request what the plan is made for
  /// @param planner plans the routes that agents call
  /// @throws UnavailableException if its configuration cannot be used
  Optional<List<PlannedTarget>> resolveCached(
      RouteDestination destination, PlanRequest request, RoutePlanner planner);

  /// The same; empty if the destination has been deleted. Blocks.
  ///
  /// @throws UnavailableException if its configuration cannot be used
  Optional<List<PlannedTarget>> resolve(
      RouteDestination destination, PlanRequest request, RoutePlanner planner);
}
