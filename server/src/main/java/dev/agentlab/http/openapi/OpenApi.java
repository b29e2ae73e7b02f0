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

/// The OpenAPI 3.1 description of the routes, and the route that serves it. Safe for all threads.
public final class OpenApi {
  private final String version;
  private final List<RouteGroup> groups;
  private final Map<Class<?>, JsonNode> schemas;
  private @Nullable ObjectNode document;

  /// Creates the description; the document is generated on first use.
  ///
  /// @param version the version of the service
  /// @param groups all route groups except that of the description itself
  /// @param schemas custom schemas of types whose Java declaration is not sufficient
  public OpenApi(String version, List<RouteGroup> groups, Map<Class<?>, JsonNode> schemas) {
    this.version = version;
    this.schemas = Map.copyOf(schemas);
    List<RouteGroup> all = new ArrayList<>(groups);
    all.add(
        new RouteGroup(
            "",
            "API description",
            "The machine-readable description of the API.",
            List.of(
                Route.get("/openapi.json", "Get the API description")
                    .operation(
                        "getApiDescription",
                        "Returns this OpenAPI 3.1 document, generated from the routes of the service.")
                    .requires(Scope.PUBLIC)
                    .returns(200, ObjectNode.class)
                    .handledBy(_ -> Response.ok(document())))));
    this.groups = List.copyOf(all);
  }

  /// All route groups to serve, including that of the description.
  public List<RouteGroup> groups() {
    return groups;
  }

  /// The document. Must not be modified.
  ///
  /// @throws IllegalArgumentException if a route uses a type that has no schema
  public synchronized ObjectNode document() {
    if (document == null) {
      document = new OpenApiWriter(new SchemaGenerator(schemas)).write(version, groups);
    }
    return document;
  }
}
