package dev.agentlab.e2e;

import dev.agentlab.server.TestClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// A route that requires a scope, from the API description.
///
/// @param method in lower case
/// @param path the path template
record ScopedRoute(String method, String path, String scope) {
  private static final String INVOKE = "invoke";

  /// The value of `x-scope` of a route that requires a credential but no scope.
  private static final String ANY_CALLER = "known";

  /// Reads the routes from the API description of a service.
  static List<ScopedRoute> of(TestClient client) {
    List<ScopedRoute> routes = new ArrayList<>();
    JsonNode paths = client.get("/openapi.json").json().get("paths");
    for (Map.Entry<String, JsonNode> path : paths.properties()) {
      for (Map.Entry<String, JsonNode> operation : path.getValue().properties()) {
        JsonNode described = operation.getValue();
        String scope = described.get("x-scope").asString();
        if (!described.get("security").isEmpty() && !scope.equals(ANY_CALLER)) {
          routes.add(new ScopedRoute(operation.getKey(), path.getKey(), scope));
        }
      }
    }
    return routes;
  }

  /// Whether the route runs an agent.
  boolean isRun() {
    return scope.equals(INVOKE);
  }

  /// Calls the route and returns the status.
  ///
  /// @param id the id in the path
  int call(TestClient client, String id) {
    String filled = path.replace("{id}", id).replace("{revision}", "1").replace("{seq}", "1");
    return switch (method) {
      case "get" -> client.get(filled).status();
      case "delete" -> client.delete(filled).status();
      case "put" -> client.put(filled, "{}").status();
      case "post" -> client.post(filled, "{}").status();
      default -> throw new AssertionError("no test for " + this);
    };
  }
}
