package dev.agentlab.agents;

import dev.agentlab.database.Database;
import dev.agentlab.listing.Page;
import dev.agentlab.listing.PageWindow;
import java.util.UUID;

/// Tells which agents use a registered provider. Stateless; safe for all threads.
public interface AgentsByProvider {

  /// The agents in PostgreSQL.
  static AgentsByProvider in(Database database) {
    return new PostgresAgentsByProvider(database);
  }

  /// One page of the agents that use the provider now, in the order of their names.
  ///
  /// @throws dev.agentlab.errors.UnavailableException while the database is away
  Page<AgentSummary> of(UUID provider, PageWindow window);
}
