package dev.agentlab.agents;

import dev.agentlab.database.Database;
import dev.agentlab.listing.BoundedRows;
import dev.agentlab.listing.OwnedRows;
import dev.agentlab.listing.Page;
import dev.agentlab.listing.PageRange;
import java.util.List;
import java.util.UUID;

/// The agents by provider in PostgreSQL.
final class PostgresAgentsByProvider implements AgentsByProvider {
  private static final OwnedRows<AgentSummary> ROWS =
      new OwnedRows<>(
          new BoundedRows("agents", List.of("id", "name"), "id", List.of(), false),
          "provider_id",
          "name",
          PostgresAgentRows::readSummary);

  private final Database database;

  PostgresAgentsByProvider(Database database) {
    this.database = database;
  }

  @Override
  public Page<AgentSummary> find(UUID provider, PageRange window) {
    return database.read(connection -> ROWS.page(connection, provider, window));
  }
}
