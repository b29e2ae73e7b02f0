package dev.agentlab.agents;

import dev.agentlab.json.Json;
import dev.agentlab.query.TableRows;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// The rows of the table `agents`. Each statement that writes one writes its revision too.
final class PostgresAgentRows {
  static final String TABLE = "agents";

  /// In the order in which [#read] reads them.
  static final List<String> COLUMNS =
      List.of("id", "name", "config", "provider_id", "created_at", "updated_at", "version");

  static final TableRows<AgentRow> ALL = new TableRows<>(TABLE, COLUMNS, PostgresAgentRows::read);

  private static final String INSERT =
      PostgresRevisions.kept(
          "INSERT INTO agents (name, config, provider_id, id) VALUES (?, ?::jsonb, ?, ?)",
          ALL.columns());

  private static final String UPDATE =
      PostgresRevisions.kept(
          """
          UPDATE agents
          SET name = wanted.name, config = wanted.config, provider_id = wanted.provider_id,
            version = version + 1, updated_at = now()
          FROM (SELECT ?::text AS name, ?::jsonb AS config, ?::uuid AS provider_id) AS wanted
          WHERE id = ? AND (agents.name, agents.config, agents.provider_id)
            IS DISTINCT FROM (wanted.name, wanted.config, wanted.provider_id)\
          """,
          ALL.columns());

  private PostgresAgentRows() {}

  static AgentRow insert(Connection connection, UUID id, String name, StoredConfig config)
      throws SQLException {
    return write(INSERT, connection, id, name, config).orElseThrow();
  }

  /// Changes a row, unless it is as wanted already: then there is nothing to give.
  static Optional<AgentRow> update(Connection connection, UUID id, String name, StoredConfig config)
      throws SQLException {
    return write(UPDATE, connection, id, name, config);
  }

  private static Optional<AgentRow> write(
      String sql, Connection connection, UUID id, String name, StoredConfig config)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, name);
      statement.setString(2, config.json().toString());
      statement.setObject(3, config.providerId().orElse(null));
      statement.setObject(4, id);
      return ALL.first(statement);
    }
  }

  static AgentRow read(ResultSet row) throws SQLException {
    return new AgentRow(
        row.getObject(1, UUID.class),
        row.getString(2),
        config(row, 3),
        row.getObject(5, OffsetDateTime.class).toInstant(),
        row.getObject(6, OffsetDateTime.class).toInstant(),
        row.getLong(7));
  }

  /// The configuration in a column, with the provider in the next.
  static StoredConfig config(ResultSet row, int column) throws SQLException {
    return new StoredConfig(
        Json.MAPPER.readTree(row.getString(column)),
        Optional.ofNullable(row.getObject(column + 1, UUID.class)));
  }
}
