package dev.agentlab.providers;

import dev.agentlab.feature.Feature;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.kinds.ProviderKinds;
import dev.agentlab.kinds.ProviderProbe;
import dev.agentlab.lifecycle.Lifecycle;
import dev.agentlab.modelclient.ModelCatalog;
import dev.agentlab.security.Scope;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// The registry of providers, and the provider kinds.
public record ProviderFeature(
    Providers providers, ProviderKinds kinds, ProviderProbe probe, ModelCatalog models)
    implements Feature {
  public static final Scope PROVIDERS_READ =
      new Scope("providers:read", "reading providers, without their secrets, and their models");
  static final Scope PROVIDERS_WRITE =
      new Scope("providers:write", "creating, changing, testing and deleting providers");

  public static final List<Scope> SCOPES = List.of(PROVIDERS_READ, PROVIDERS_WRITE);

  @Override
  public List<RouteGroup> routes() {
    return List.of(
        ProviderRoutes.of(providers, kinds, probe, models), ProviderKindRoutes.of(kinds));
  }

  @Override
  public Map<Class<?>, JsonNode> schemas() {
    return ProviderSchemas.of(kinds);
  }

  @Override
  public void register(Lifecycle lifecycle) {
    lifecycle.onShutdown("model catalog", models::stop);
  }
}
