package dev.agentlab.e2e;

import dev.agentlab.server.TestClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// A route that needs a scope, as the service describes it.
///
/// @param method in small letters
/// @param path with parameters in braces
record ScopedRoute(String method, String path, String scope) {
  private static final String INVOKE = "invoke";

  /// What any key opens: it tells a caller who they are.
  private static final String SELF = "/api/keys/self";

  /// All that a service describes.
  static List<ScopedRoute> of(TestClient client) {
    List<ScopedRoute> routes = new ArrayList<>();
    JsonNode paths = client.get("/openapi.json").json().get("paths");
    for (Map.Entry<String, JsonNode> path : paths.properties()) {
      for (Map.Entry<String, JsonNode> operation : path.getValue().properties()) {
        JsonNode described = operation.getValue();
        if (!described.get("security").isEmpty() && !path.getKey().equals(SELF)) {
          String scope = described.get("x-scope").asString();
          routes.add(new ScopedRoute(operation.getKey(), path.getKey(), scope));
        }
      }
    }
    return routes;
  }

  /// Whether it has an agent do something.
  boolean isRun() {
    return scope.equals(INVOKE);
  }

  /// How it answers.
  ///
  /// @param id of what it is about
  int call(TestClient client, String id) {
    String filled = path.replace("{id}", id).replace("{revision}", "1");
    return switch (method) {
      case "get" -> client.get(filled).status();
      case "delete" -> client.delete(filled).status();
      case "put" -> client.put(filled, "{}").status();
      case "post" -> client.post(filled, "{}").status();
      default -> throw new AssertionError("no test for " + this);
    };
  }
}
