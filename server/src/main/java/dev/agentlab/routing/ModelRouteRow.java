package dev.agentlab.routing;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.node.ObjectNode;

/// A row of the table `model_routes`.
///
/// @param config with the ids of providers and agents, without their names
record ModelRouteRow(
    UUID id, String name, ObjectNode config, Instant createdAt, Instant updatedAt, long version) {

  /// The route with the names of its targets.
  ModelRoute toRoute(TargetNames names) {
    return new ModelRoute(
        id, name, names.addTo(config), version, createdAt, updatedAt, Optional.empty());
  }
}
