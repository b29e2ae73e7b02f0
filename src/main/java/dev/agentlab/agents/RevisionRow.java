package dev.agentlab.agents;

import dev.agentlab.kinds.ProviderKinds;
import java.time.Instant;

/// A row of the table `agent_revisions`.
record RevisionRow(long revision, String name, StoredConfig config, Instant createdAt) {

  /// What everyone may see of it.
  AgentRevision shown(ProviderKinds kinds) {
    return new AgentRevision(revision, name, config.shown(kinds), createdAt);
  }

  /// The same with another form of its configuration.
  RevisionRow with(StoredConfig other) {
    return new RevisionRow(revision, name, other, createdAt);
  }
}
