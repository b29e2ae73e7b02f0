package dev.agentlab.agents;

import dev.agentlab.database.Database;
import dev.agentlab.listing.BoundedRows;
import dev.agentlab.listing.OwnedRows;
import dev.agentlab.listing.Page;
import dev.agentlab.listing.PageRange;
import java.util.List;
import java.util.UUID;

/// The agents by provider and by route in PostgreSQL.
final class PostgresAgentsByTarget implements AgentsByTarget {
  private static final OwnedRows<AgentSummary> BY_PROVIDER = rowsBy("provider_id");
  private static final OwnedRows<AgentSummary> BY_ROUTE = rowsBy("route_id");

  private final Database database;

  PostgresAgentsByTarget(Database database) {
    this.database = database;
  }

  private static OwnedRows<AgentSummary> rowsBy(String column) {
    return new OwnedRows<>(
        new BoundedRows("agents", List.of("id", "name"), "id", List.of(), false),
        column,
        "name",
        PostgresAgentRows::readSummary);
  }

  @Override
  public Page<AgentSummary> findByProvider(UUID provider, PageRange window) {
    return database.read(connection -> BY_PROVIDER.page(connection, provider, window));
  }

  @Override
  public Page<AgentSummary> findByRoute(UUID route, PageRange window) {
    return database.read(connection -> BY_ROUTE.page(connection, route, window));
  }
}
