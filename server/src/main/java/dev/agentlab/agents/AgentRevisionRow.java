package dev.agentlab.agents;

import dev.agentlab.kinds.ProviderKinds;
import java.time.Instant;

/// A row of the table `agent_revisions`.
record AgentRevisionRow(long revision, String name, StoredAgentConfig config, Instant createdAt) {

  /// The revision with masked secrets and the present name of its route.
  AgentRevision toRevision(ProviderKinds kinds, RouteNames routes) {
    return new AgentRevision(
        revision, name, routes.addTo(config.toMaskedJson(kinds), config.routeId()), createdAt);
  }

  /// A copy with another form of the configuration.
  AgentRevisionRow withConfig(StoredAgentConfig other) {
    return new AgentRevisionRow(revision, name, other, createdAt);
  }
}
