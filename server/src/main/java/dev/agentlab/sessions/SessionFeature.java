package dev.agentlab.sessions;

import dev.agentlab.database.Sweeper;
import dev.agentlab.feature.Feature;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.lifecycle.Lifecycle;
import dev.agentlab.security.KeyVerifier;
import dev.agentlab.security.OidcClient;
import dev.agentlab.security.Scope;
import dev.agentlab.vault.Vault;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Signing in and out of the web console.
///
/// @param client signs users in; empty if there is no identity provider for browsers
public record SessionFeature(
    Sessions sessions,
    KeyVerifier keys,
    SessionAuthenticator authenticator,
    Vault vault,
    Optional<OidcClient> client)
    implements Feature {
  public static final List<Scope> SCOPES = List.of();

  @Override
  public List<RouteGroup> routes() {
    List<RouteGroup> groups = new ArrayList<>();
    groups.add(SessionRoutes.of(sessions, keys));
    groups.add(SignInRoutes.of(client.map(OidcClient::issuer)));
    if (client.isPresent()) {
      SignInAttempts attempts =
          new SignInAttempts(SessionHashes.of(vault).attempts(), InstantSource.system());
      groups.add(OidcSignInRoutes.of(client.get(), attempts, sessions));
    }
    return groups;
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
