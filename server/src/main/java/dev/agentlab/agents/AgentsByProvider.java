package dev.agentlab.agents;

import dev.agentlab.database.Database;
import dev.agentlab.listing.Page;
import dev.agentlab.listing.PageRange;
import java.util.UUID;

/// Lists the agents that use a registered provider. Stateless and thread-safe.
public interface AgentsByProvider {

  /// Creates the PostgreSQL-backed implementation.
  static AgentsByProvider of(Database database) {
    return new PostgresAgentsByProvider(database);
  }

  /// One page of the agents whose latest revision uses the provider, ordered by name.
  ///
  /// @throws dev.agentlab.errors.UnavailableException if the database is unavailable
  Page<AgentSummary> find(UUID provider, PageRange window);
}
