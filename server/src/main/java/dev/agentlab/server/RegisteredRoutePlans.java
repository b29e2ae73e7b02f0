package dev.agentlab.server;

import dev.agentlab.agents.run.RoutePlans;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.errors.UnavailableException;
import dev.agentlab.modelclient.CallPlan;
import dev.agentlab.modelclient.PlanRequest;
import dev.agentlab.routing.RoutePlanner;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;

/// The plans of registered routes, for the agents over them.
record RegisteredRoutePlans(RoutePlanner planner) implements RoutePlans {
  private static final Duration RETRY_AFTER = Duration.ofSeconds(5);

  @Override
  public Optional<CallPlan> planCached(UUID route, PlanRequest request) {
    return planner.planCached(route, request).map(RoutePlanner.PlannedCall::plan);
  }

  @Override
  public Optional<CallPlan> plan(UUID route, PlanRequest request) {
    try {
      return planner.plan(route, request).map(RoutePlanner.PlannedCall::plan);
    } catch (InvalidInputException e) {
      // The administrator has to mend it, not the client.
      throw new UnavailableException(
          "route %s cannot be called with its configuration".formatted(route), RETRY_AFTER, e);
    }
  }
}
