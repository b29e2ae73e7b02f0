package dev.agentlab.agents.run;

import dev.agentlab.modelclient.CallPlan;
import dev.agentlab.modelclient.PlanRequest;
import java.util.Optional;
import java.util.UUID;

/// Makes the plans of the routes that agents call. Implemented where the domains are wired
/// together. Thread-safe.
public interface RoutePlans {
  /// The plan of a route, if all of it is in memory. Does not block.
  ///
  /// @throws dev.agentlab.errors.UnavailableException if the route is nested too deeply
  Optional<CallPlan> planCached(UUID route, PlanRequest request);

  /// The plan of a route; empty if it has been deleted. Blocks.
  ///
  /// @throws dev.agentlab.errors.UnavailableException if no target can be called with its
  ///   configuration, or the route is nested too deeply
  Optional<CallPlan> plan(UUID route, PlanRequest request);
}
