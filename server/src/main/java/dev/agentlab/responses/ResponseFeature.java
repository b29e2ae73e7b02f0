package dev.agentlab.responses;

import dev.agentlab.database.Sweeper;
import dev.agentlab.feature.Feature;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.lifecycle.Lifecycle;
import dev.agentlab.security.Scope;
import java.util.List;

/// The kept responses, which expire. The gateway has their routes.
public record ResponseFeature(Responses responses) implements Feature {
  public static final List<Scope> SCOPES = List.of();

  @Override
  public List<RouteGroup> routes() {
    return List.of();
  }

  @Override
  public void register(Lifecycle lifecycle) {
    Sweeper sweeper = new Sweeper("responses", responses::sweep);
    lifecycle.onStartup("response sweeper", "database", sweeper::start);
    lifecycle.onShutdown("response sweeper", sweeper::stop);
  }
}
