package dev.agentlab.server;

import dev.agentlab.agents.run.AgentModel;
import dev.agentlab.agents.run.AgentModels;
import dev.agentlab.kinds.ResolvedProvider;
import dev.agentlab.modelclient.CallPlan;
import dev.agentlab.modelclient.CallTarget;
import dev.agentlab.modelclient.PlanRequest;
import dev.agentlab.modelclient.PlannedTarget;
import dev.agentlab.providers.ProviderException;
import dev.agentlab.providers.Providers;
import dev.agentlab.routing.DestinationResolver;
import dev.agentlab.routing.RouteDestination;
import dev.agentlab.routing.RouteDestination.ProviderModel;
import dev.agentlab.routing.RouteDestination.RegisteredAgent;
import dev.agentlab.routing.RoutePlanner;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// The models of providers and the agents that routes call.
record RouteDestinations(AgentModels agents, Providers providers) implements DestinationResolver {
  @Override
  public Optional<List<PlannedTarget>> resolveCached(
      RouteDestination destination, PlanRequest request, RoutePlanner planner) {
    return switch (destination) {
      case ProviderModel(UUID provider, String model) ->
          providers
              .resolveCached(provider)
              .filter(ResolvedProvider::isInMemory)
              .map(it -> planned(it, model));
      case RegisteredAgent(UUID agent) ->
          agents
              .findCached(agent)
              .flatMap(
                  found -> found.planCached(planner, request).map(plan -> planned(found, plan)));
    };
  }

  @Override
  public Optional<List<PlannedTarget>> resolve(
      RouteDestination destination, PlanRequest request, RoutePlanner planner) {
    return switch (destination) {
      case ProviderModel(UUID provider, String model) -> {
        try {
          yield Optional.of(planned(providers.resolve(provider), model));
        } catch (ProviderException.NotFound e) {
          yield Optional.empty();
        }
      }
      case RegisteredAgent(UUID agent) ->
          agents
              .find(agent)
              .flatMap(found -> found.plan(planner, request).map(plan -> planned(found, plan)));
    };
  }

  private static List<PlannedTarget> planned(ResolvedProvider provider, String model) {
    return List.of(PlannedTarget.of(CallTarget.of(provider, model)));
  }

  /// The targets of an agent. Those of an agent over a route have its name before their own, so
  /// that they differ from other targets of the route that calls the agent.
  private static List<PlannedTarget> planned(AgentModel agent, CallPlan plan) {
    return plan.route().isEmpty()
        ? plan.targets()
        : plan.targets().stream()
            .map(it -> it.withName("%s (%s)".formatted(agent.agent().name(), it.name())))
            .toList();
  }
}
