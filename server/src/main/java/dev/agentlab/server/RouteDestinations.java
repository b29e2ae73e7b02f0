package dev.agentlab.server;

import dev.agentlab.agents.run.AgentModel;
import dev.agentlab.agents.run.AgentModels;
import dev.agentlab.kinds.ResolvedProvider;
import dev.agentlab.modelclient.CallTarget;
import dev.agentlab.modelclient.PlannedTarget;
import dev.agentlab.providers.ProviderException;
import dev.agentlab.providers.Providers;
import dev.agentlab.routing.DestinationResolver;
import dev.agentlab.routing.RouteDestination;
import dev.agentlab.routing.RouteDestination.ProviderModel;
import dev.agentlab.routing.RouteDestination.RegisteredAgent;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// The models of providers and the agents that routes call.
record RouteDestinations(AgentModels agents, Providers providers) implements DestinationResolver {
  @Override
  public Optional<List<PlannedTarget>> resolveCached(
      RouteDestination destination, Optional<String> session) {
    return switch (destination) {
      case ProviderModel(UUID provider, String model) ->
          providers
              .resolveCached(provider)
              .filter(ResolvedProvider::isInMemory)
              .map(it -> planned(it, model));
      case RegisteredAgent(UUID agent) -> agents.findCached(agent).map(RouteDestinations::planned);
    };
  }

  @Override
  public Optional<List<PlannedTarget>> resolve(
      RouteDestination destination, Optional<String> session) {
    return switch (destination) {
      case ProviderModel(UUID provider, String model) -> {
        try {
          yield Optional.of(planned(providers.resolve(provider), model));
        } catch (ProviderException.NotFound e) {
          yield Optional.empty();
        }
      }
      case RegisteredAgent(UUID agent) -> agents.find(agent).map(RouteDestinations::planned);
    };
  }

  private static List<PlannedTarget> planned(ResolvedProvider provider, String model) {
    return List.of(PlannedTarget.of(CallTarget.of(provider, model)));
  }

  private static List<PlannedTarget> planned(AgentModel agent) {
    return List.of(agent.planned());
  }
}
