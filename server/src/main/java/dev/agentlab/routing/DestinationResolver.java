package dev.agentlab.routing;

import dev.agentlab.errors.UnavailableException;
import dev.agentlab.modelclient.CallPlan;
import dev.agentlab.modelclient.PlanRequest;
import java.util.Optional;

/// Resolves what the targets of routes call. Implemented where the domains are wired together.
/// Thread-safe.
public interface DestinationResolver {
  /// The plan of a destination's calls; empty if this is not in memory. Does not block.
  ///
  /// @param request what the plan is made for
  /// @param planner plans the routes that agents call
  /// @throws UnavailableException if its configuration cannot be used
  Optional<CallPlan> resolveCached(
      RouteDestination destination, PlanRequest request, RoutePlanner planner);

  /// The plan of a destination's calls; empty if it has been deleted. Blocks.
  ///
  /// @throws UnavailableException if its configuration cannot be used
  Optional<CallPlan> resolve(
      RouteDestination destination, PlanRequest request, RoutePlanner planner);
}
