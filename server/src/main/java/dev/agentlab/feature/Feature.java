package dev.agentlab.feature;

import dev.agentlab.http.RouteGroup;
import dev.agentlab.lifecycle.Lifecycle;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// A feature of the service: everything that a domain contributes, as one value. The composition
/// root lists the features and merges their contributions.
///
/// Scopes are not part of the interface, because API keys and tokens are parsed by the set of all
/// scopes before any feature exists: each implementation has a constant `SCOPES`.
public interface Feature {

  /// The route groups, in the order of the API description. Their routes contain the problem types
  /// of the feature.
  List<RouteGroup> routes();

  /// The JSON Schemas of types in the routes whose Java declaration is not sufficient.
  default Map<Class<?>, JsonNode> schemas() {
    return Map.of();
  }

  /// Registers the startup tasks, stop tasks and readiness checks. Those of the runtime components
  /// are registered before, so that a startup task can depend on `vault`, and every stop task runs
  /// while the database is available.
  default void register(Lifecycle lifecycle) {}
}
