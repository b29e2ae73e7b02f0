package dev.agentlab.http.openapi;

import dev.agentlab.http.Response;
import dev.agentlab.http.Route;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.security.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The API description (OpenAPI 3.1) of the routes that are served, and the route that serves it.
/// Safe for all threads.
public final class OpenApi {
  private final String version;
  private final List<RouteGroup> groups;
  private final Map<Class<?>, JsonNode> schemas;
  private @Nullable ObjectNode document;

  /// Takes note of the routes; the work is done when the description is first asked for.
  ///
  /// @param version of the service
  /// @param groups all that is served beside the description itself
  /// @param schemas of types that bring their own, because their Java does not tell enough
  public OpenApi(String version, List<RouteGroup> groups, Map<Class<?>, JsonNode> schemas) {
    this.version = version;
    this.schemas = Map.copyOf(schemas);
    List<RouteGroup> all = new ArrayList<>(groups);
    all.add(
        new RouteGroup(
            "",
            "API description",
            "What the service offers, for programs.",
            List.of(
                Route.get("/openapi.json", "Describe the API")
                    .operation(
                        "getApiDescription",
                        "This OpenAPI 3.1 document, generated from the routes the service answers.")
                    .needs(Scope.OPEN)
                    .gives(200, ObjectNode.class)
                    .by(_ -> Response.ok(document())))));
    this.groups = List.copyOf(all);
  }

  /// All that is to be served: the groups described, and the description.
  public List<RouteGroup> groups() {
    return groups;
  }

  /// The description. Not to be changed.
  ///
  /// @throws IllegalArgumentException if a route uses a type that has no schema
  public synchronized ObjectNode document() {
    if (document == null) {
      document = new OpenApiWriter(new SchemaGenerator(schemas)).describe(version, groups);
    }
    return document;
  }
}
