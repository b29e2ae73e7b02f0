package dev.agentlab.agents;

import dev.agentlab.database.Row;
import dev.agentlab.database.SqlStatement;
import dev.agentlab.listing.BoundedRows;
import dev.agentlab.listing.OwnedRows;
import dev.agentlab.listing.Page;
import dev.agentlab.listing.PageRange;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// The rows of the table `agent_revisions`. A row is inserted with each change of an agent.
final class PostgresAgentRevisionRows {
  private static final List<String> COLUMNS =
      List.of("revision", "name", "config", "provider_id", "route_id", "created_at");

  private static final OwnedRows<AgentRevisionRow> ROWS =
      new OwnedRows<>(
          new BoundedRows(
              "agent_revisions", COLUMNS, "agent_id, revision", List.of("config"), true),
          "agent_id",
          "revision DESC",
          PostgresAgentRevisionRows::read);

  private PostgresAgentRevisionRows() {}

  /// Returns a statement that applies a change to `agents`, inserts the changed row as a revision,
  /// and returns it.
  ///
  /// @param change an INSERT or UPDATE of one row, without `RETURNING`
  static String withRevisionInsert(String change, String columns) {
    return """
    WITH changed AS (%s RETURNING agents.*),
    kept AS (
      INSERT INTO agent_revisions (agent_id, revision, name, config, provider_id, route_id, created_at)
      SELECT id, version, name, config, provider_id, route_id, updated_at FROM changed
    )
    SELECT %s FROM changed
    """
        .formatted(change, columns);
  }

  static Page<AgentRevisionRow> page(Connection connection, UUID agent, PageRange window)
      throws SQLException {
    return ROWS.page(connection, agent, window);
  }

  static Optional<AgentRevisionRow> find(Connection connection, UUID agent, long revision)
      throws SQLException {
    String sql =
        "SELECT %s FROM agent_revisions WHERE agent_id = :agent AND revision = :revision"
            .formatted(String.join(", ", COLUMNS));
    return new SqlStatement(connection, sql)
        .bind("agent", agent)
        .bind("revision", revision)
        .first(PostgresAgentRevisionRows::read);
  }

  private static AgentRevisionRow read(Row row) throws SQLException {
    return new AgentRevisionRow(
        row.number("revision"),
        row.text("name"),
        PostgresAgentRows.readConfig(row),
        row.instant("created_at"));
  }
}
