package dev.agentlab.routing;

import java.time.Instant;
import tools.jackson.databind.node.ObjectNode;

/// A row of the table `model_route_revisions`.
///
/// @param config with the ids of providers and agents, without their names
record ModelRouteRevisionRow(long revision, String name, ObjectNode config, Instant createdAt) {

  /// The revision with the present names of its targets.
  ModelRouteRevision toRevision(TargetNames names) {
    return new ModelRouteRevision(revision, name, names.addTo(config), createdAt);
  }
}
