package dev.agentlab.agents;

import dev.agentlab.kinds.ProviderKinds;
import java.time.Instant;

/// A row of the table `agent_revisions`.
record AgentRevisionRow(long revision, String name, StoredAgentConfig config, Instant createdAt) {

  /// What everyone may see of it.
  AgentRevision shown(ProviderKinds kinds) {
    return new AgentRevision(revision, name, config.shown(kinds), createdAt);
  }

  /// The same with another form of its configuration.
  AgentRevisionRow with(StoredAgentConfig other) {
    return new AgentRevisionRow(revision, name, other, createdAt);
  }
}
