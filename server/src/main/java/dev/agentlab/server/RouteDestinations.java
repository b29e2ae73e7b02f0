package dev.agentlab.server;

import dev.agentlab.agents.run.AgentModel;
import dev.agentlab.agents.run.AgentModels;
import dev.agentlab.kinds.ResolvedProvider;
import dev.agentlab.modelclient.CallPlan;
import dev.agentlab.modelclient.CallTarget;
import dev.agentlab.modelclient.PlanRequest;
import dev.agentlab.providers.ProviderException;
import dev.agentlab.providers.Providers;
import dev.agentlab.routing.DestinationResolver;
import dev.agentlab.routing.RouteDestination;
import dev.agentlab.routing.RouteDestination.ProviderModel;
import dev.agentlab.routing.RouteDestination.RegisteredAgent;
import dev.agentlab.routing.RoutePlanner;
import java.util.Optional;
import java.util.UUID;

/// The models of providers and the agents that routes call.
record RouteDestinations(AgentModels agents, Providers providers) implements DestinationResolver {
  @Override
  public Optional<CallPlan> resolveCached(
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
  public Optional<CallPlan> resolve(
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

  private static CallPlan planned(ResolvedProvider provider, String model) {
    return CallPlan.of(CallTarget.of(provider, model));
  }

  /// The plan of an agent. The targets of an agent over a route have its name before their own, so
  /// that they differ from other targets of the route that calls the agent.
  private static CallPlan planned(AgentModel agent, CallPlan plan) {
    return plan.route().isEmpty()
        ? plan
        : plan.withNames(name -> "%s (%s)".formatted(agent.agent().name(), name));
  }
}
