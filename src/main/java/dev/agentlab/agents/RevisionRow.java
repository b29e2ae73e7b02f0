package dev.agentlab.agents;

import dev.agentlab.llm.ProviderKinds;
import java.time.Instant;

/// A row of the table `agent_revisions`, secrets and all.
record RevisionRow(long revision, String name, StoredConfig config, Instant createdAt) {

  /// What everyone may see of it.
  AgentRevision shown(ProviderKinds kinds) {
    return new AgentRevision(revision, name, config.shown(kinds), createdAt);
  }
}
