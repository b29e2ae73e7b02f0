package dev.agentlab.agents;

import dev.agentlab.database.Database;
import dev.agentlab.listing.Page;
import dev.agentlab.listing.PageRange;
import java.util.UUID;

/// Lists the agents that use a registered provider or a model route. Stateless and thread-safe;
/// needs no other domain.
///
/// Every method throws [dev.agentlab.errors.UnavailableException] if the database is unavailable.
public interface AgentsByTarget {

  /// Creates the PostgreSQL-backed implementation.
  static AgentsByTarget of(Database database) {
    return new PostgresAgentsByTarget(database);
  }

  /// One page of the agents whose latest revision uses the provider, ordered by name.
  Page<AgentSummary> findByProvider(UUID provider, PageRange window);

  /// One page of the agents whose latest revision uses the route, ordered by name.
  Page<AgentSummary> findByRoute(UUID route, PageRange window);
}
