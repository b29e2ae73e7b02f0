package dev.agentlab.calls;

import dev.agentlab.database.Sweeper;
import dev.agentlab.errors.IdOrName;
import dev.agentlab.feature.Feature;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.lifecycle.Lifecycle;
import dev.agentlab.security.Scope;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

/// The records of model calls, which expire.
///
/// @param routeIds finds the id of a model route; empty if there is no such route
public record CallFeature(Calls calls, Function<IdOrName, Optional<UUID>> routeIds)
    implements Feature {
  static final Scope CALLS_READ = new Scope("calls:read", "reading the records of all model calls");

  public static final List<Scope> SCOPES = List.of(CALLS_READ, Scope.ON_BEHALF_OF);

  @Override
  public List<RouteGroup> routes() {
    return List.of(CallRoutes.of(calls), RouteStatisticsRoutes.of(calls, routeIds));
  }

  @Override
  public void register(Lifecycle lifecycle) {
    Sweeper sweeper = new Sweeper("partitions of calls", calls::dropExpired);
    lifecycle.onStartup("call sweeper", "database", sweeper::start);
    lifecycle.onShutdown("call sweeper", sweeper::stop);
  }
}
