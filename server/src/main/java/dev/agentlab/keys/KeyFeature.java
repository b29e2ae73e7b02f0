package dev.agentlab.keys;

import dev.agentlab.feature.Feature;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.lifecycle.Lifecycle;
import dev.agentlab.security.GrantableScopes;
import dev.agentlab.security.Scope;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// The registry of API keys, the admin key of a new database, and the record of the last uses.
///
/// @param scopes the scopes that a key can have
public record KeyFeature(
    Keys keys, PostgresAdminKey adminKey, ApiKeyAuthenticator authenticator, GrantableScopes scopes)
    implements Feature {
  public static final Scope KEYS_ADMIN = new Scope("keys:admin", "managing all keys");

  public static final List<Scope> SCOPES = List.of(KEYS_ADMIN);

  @Override
  public List<RouteGroup> routes() {
    return List.of(KeyRoutes.of(keys), OwnKeyRoutes.of(keys), ScopeRoutes.of(scopes));
  }

  @Override
  public Map<Class<?>, JsonNode> schemas() {
    return KeyRoutes.schemas();
  }

  @Override
  public void register(Lifecycle lifecycle) {
    lifecycle.onStartup("admin key", "encryption of secrets", adminKey::createIfMissing);
    lifecycle.onStartup("key uses", authenticator::start);
    lifecycle.onShutdown("key uses", authenticator::stop);
  }
}
