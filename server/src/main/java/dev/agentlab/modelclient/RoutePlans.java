package dev.agentlab.modelclient;

import java.util.Optional;
import java.util.UUID;

/// Plans the calls of registered routes. Thread-safe.
public interface RoutePlans {
  /// The plan of a call, if the route and all of its targets are in memory. Does not block.
  ///
  /// @throws dev.agentlab.errors.UnavailableException if the route is nested too deeply
  Optional<CallPlan> planCached(UUID route, PlanRequest request);

  /// The plan of a call; empty if the route has been deleted. Blocks.
  ///
  /// @throws dev.agentlab.errors.UnavailableException if the route has no configuration or no
  ///   target that can be used, or is nested too deeply
  Optional<CallPlan> plan(UUID route, PlanRequest request);
}
