package dev.agentlab.sessions;

import dev.agentlab.database.Sweeper;
import dev.agentlab.feature.Feature;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.lifecycle.Lifecycle;
import dev.agentlab.security.Scope;
import java.util.List;
import java.util.Optional;

/// Signing in and out of the web console.
public record SessionFeature(
    Sessions sessions, KeyVerifier keys, SessionAuthenticator authenticator) implements Feature {
  public static final List<Scope> SCOPES = List.of();

  @Override
  public List<RouteGroup> routes() {
    return List.of(SessionRoutes.of(sessions, keys), SignInRoutes.of(Optional.empty()));
  }

  @Override
  public void register(Lifecycle lifecycle) {
    Sweeper sweeper = new Sweeper("sessions", sessions::sweep);
    lifecycle.onStartup("session sweeper", "database", sweeper::start);
    lifecycle.onShutdown("session sweeper", sweeper::stop);
    lifecycle.onStartup("session uses", authenticator::start);
    lifecycle.onShutdown("session uses", authenticator::stop);
  }
}
