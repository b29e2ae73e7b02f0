package dev.agentlab.agents;

import dev.agentlab.kinds.ProviderKinds;
import java.time.Instant;

/// A row of the table `agent_revisions`.
record AgentRevisionRow(long revision, String name, StoredAgentConfig config, Instant createdAt) {

  /// The revision with masked secrets.
  AgentRevision toRevision(ProviderKinds kinds) {
    return new AgentRevision(revision, name, config.toMaskedJson(kinds), createdAt);
  }

  /// A copy with another form of the configuration.
  AgentRevisionRow withConfig(StoredAgentConfig other) {
    return new AgentRevisionRow(revision, name, other, createdAt);
  }
}
