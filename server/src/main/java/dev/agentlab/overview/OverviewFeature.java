package dev.agentlab.overview;

import dev.agentlab.agents.Agents;
import dev.agentlab.feature.Feature;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.keys.Keys;
import dev.agentlab.modelclient.ModelClient;
import dev.agentlab.providers.Providers;
import dev.agentlab.routing.ModelRoutes;
import dev.agentlab.security.Scope;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// The overview of the service and the recent calls of a caller.
///
/// @param unreadyReason the reason why the replica is not ready; empty if it is ready
public record OverviewFeature(
    Supplier<Optional<String>> unreadyReason,
    Providers providers,
    Agents agents,
    ModelRoutes modelRoutes,
    Keys keys,
    ModelClient models,
    RecentCalls calls)
    implements Feature {
  public static final List<Scope> SCOPES = List.of();

  @Override
  public List<RouteGroup> routes() {
    return List.of(
        OverviewRoutes.of(
            new OverviewReader(
                unreadyReason, providers, agents, modelRoutes, keys, models, calls)));
  }
}
