package dev.agentlab.agents;

import dev.agentlab.json.Json;
import dev.agentlab.listing.ListingQuery;
import dev.agentlab.listing.Page;
import dev.agentlab.listing.PageLimits;
import dev.agentlab.listing.Rows;
import dev.agentlab.listing.SearchRequest;
import dev.agentlab.listing.TableRows;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// The rows of the table `agents`. Each statement that writes a row also inserts its revision.
final class PostgresAgentRows {
  static final String TABLE = "agents";

  /// In the order that [#read] expects.
  private static final List<String> COLUMNS =
      List.of("id", "name", "config", "provider_id", "created_at", "updated_at", "version");

  private static final TableRows<AgentRow> ROWS =
      new TableRows<>(TABLE, COLUMNS, PostgresAgentRows::read);

  private static final ListingQuery LISTING =
      new ListingQuery(
          TABLE,
          COLUMNS,
          "name",
          List.of("name", "created_at", "updated_at", "id"),
          List.of("config"));

  private static final String INSERT =
      PostgresAgentRevisionRows.withRevisionInsert(
          "INSERT INTO agents (name, config, provider_id, id) VALUES (?, ?::jsonb, ?, ?)",
          ROWS.columns());

  private static final String UPDATE =
      PostgresAgentRevisionRows.withRevisionInsert(
          """
          UPDATE agents
          SET name = wanted.name, config = wanted.config, provider_id = wanted.provider_id,
            version = version + 1, updated_at = now()
          FROM (SELECT ?::text AS name, ?::jsonb AS config, ?::uuid AS provider_id) AS wanted
          WHERE id = ? AND (agents.name, agents.config, agents.provider_id)
            IS DISTINCT FROM (wanted.name, wanted.config, wanted.provider_id)\
          """,
          ROWS.columns());

  private PostgresAgentRows() {}

  static Optional<AgentRow> find(Connection connection, UUID id) throws SQLException {
    return ROWS.find(connection, id);
  }

  static Optional<AgentRow> lock(Connection connection, UUID id) throws SQLException {
    return ROWS.lock(connection, id);
  }

  static Page<AgentRow> page(Connection connection, SearchRequest request, PageLimits limits)
      throws SQLException {
    return LISTING.page(connection, request, limits, PostgresAgentRows::read);
  }

  static Optional<UUID> findId(Connection connection, String name) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT id FROM agents WHERE name = ?")) {
      statement.setString(1, name);
      return Rows.first(statement, row -> row.getObject(1, UUID.class));
    }
  }

  static AgentRow insert(Connection connection, UUID id, String name, StoredAgentConfig config)
      throws SQLException {
    return write(INSERT, connection, id, name, config).orElseThrow();
  }

  /// Updates a row; returns empty if it already has these values.
  static Optional<AgentRow> update(
      Connection connection, UUID id, String name, StoredAgentConfig config) throws SQLException {
    return write(UPDATE, connection, id, name, config);
  }

  static void delete(Connection connection, UUID id) throws SQLException {
    ROWS.delete(connection, id);
  }

  private static Optional<AgentRow> write(
      String sql, Connection connection, UUID id, String name, StoredAgentConfig config)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, name);
      statement.setString(2, config.json().toString());
      statement.setObject(3, config.providerId().orElse(null));
      statement.setObject(4, id);
      return ROWS.first(statement);
    }
  }

  private static AgentRow read(ResultSet row) throws SQLException {
    return new AgentRow(
        row.getObject(1, UUID.class),
        row.getString(2),
        readConfig(row, 3),
        Rows.instant(row, 5),
        Rows.instant(row, 6),
        row.getLong(7));
  }

  /// Reads the configuration from a column and its provider id from the next one.
  static StoredAgentConfig readConfig(ResultSet row, int column) throws SQLException {
    return new StoredAgentConfig(
        Json.MAPPER.readTree(row.getString(column)),
        Optional.ofNullable(row.getObject(column + 1, UUID.class)));
  }
}
