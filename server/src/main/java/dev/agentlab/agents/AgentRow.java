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

  /// The agent with masked secrets.
  Agent toAgent(ProviderKinds kinds) {
    return new Agent(
        id, name, config.toMaskedJson(kinds), version, createdAt, updatedAt, Optional.empty());
  }

  /// The current state of the agent as a revision.
  AgentRevisionRow toRevision() {
    return new AgentRevisionRow(version, name, config, updatedAt);
  }
}
