package dev.agentlab.routing;

import dev.agentlab.feature.Feature;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.security.Scope;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// The registry of model routes.
public record ModelRouteFeature(ModelRoutes registry) implements Feature {
  public static final Scope ROUTES_READ =
      new Scope("routes:read", "reading routes and their revisions");
  static final Scope ROUTES_WRITE =
      new Scope("routes:write", "creating, changing and deleting routes");

  public static final List<Scope> SCOPES = List.of(ROUTES_READ, ROUTES_WRITE);

  @Override
  public List<RouteGroup> routes() {
    return List.of(ModelRouteRoutes.of(registry));
  }

  @Override
  public Map<Class<?>, JsonNode> schemas() {
    return ModelRouteSchemas.all();
  }
}
