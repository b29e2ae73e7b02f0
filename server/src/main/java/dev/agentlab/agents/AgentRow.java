package dev.agentlab.agents;

import dev.agentlab.kinds.ProviderKinds;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/// A row of the table `agents`.
record AgentRow(
    UUID id,
    String name,
    StoredAgentConfig config,
    Instant createdAt,
    Instant updatedAt,
    long version) {

  /// A copy with another form of the configuration, such as one with plaintext secrets.
  AgentRow withConfig(StoredAgentConfig other) {
    return new AgentRow(id, name, other, createdAt, updatedAt, version);
  }

  /// The agent with masked secrets and the present name of its route.
  Agent toAgent(ProviderKinds kinds, RouteNames routes) {
    return new Agent(
        id,
        name,
        routes.addTo(config.toMaskedJson(kinds), config.routeId()),
        version,
        createdAt,
        updatedAt,
        Optional.empty());
  }

  /// The current state of the agent as a revision.
  AgentRevisionRow toRevision() {
    return new AgentRevisionRow(version, name, config, updatedAt);
  }
}
