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

  /// The same with another form of its configuration, such as with its secrets in the open.
  AgentRow with(StoredAgentConfig other) {
    return new AgentRow(id, name, other, createdAt, updatedAt, version);
  }

  /// What everyone may see of it.
  Agent shown(ProviderKinds kinds) {
    return new Agent(
        id, name, config.shown(kinds), version, createdAt, updatedAt, Optional.empty());
  }

  /// The agent as it is now, as a revision of it.
  AgentRevisionRow revision() {
    return new AgentRevisionRow(version, name, config, updatedAt);
  }
}
