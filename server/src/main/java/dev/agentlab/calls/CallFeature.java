package dev.agentlab.calls;

import dev.agentlab.database.Sweeper;
import dev.agentlab.feature.Feature;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.lifecycle.Lifecycle;
import dev.agentlab.security.Scope;
import java.util.List;

/// The records of model calls, which expire.
public record CallFeature(Calls calls) implements Feature {
  static final Scope CALLS_READ = new Scope("calls:read", "reading the records of all model calls");

  public static final List<Scope> SCOPES = List.of(CALLS_READ, Scope.ON_BEHALF_OF);

  @Override
  public List<RouteGroup> routes() {
    return List.of(CallRoutes.of(calls));
  }

  @Override
  public void register(Lifecycle lifecycle) {
    Sweeper sweeper = new Sweeper("partitions of calls", calls::dropExpired);
    lifecycle.onStartup("call sweeper", "database", sweeper::start);
    lifecycle.onShutdown("call sweeper", sweeper::stop);
  }
}
