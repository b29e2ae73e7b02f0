package dev.agentlab.agents;

import dev.agentlab.database.Row;
import dev.agentlab.database.SqlStatement;
import dev.agentlab.json.Json;
import dev.agentlab.listing.ListingQuery;
import dev.agentlab.listing.Page;
import dev.agentlab.listing.PageLimits;
import dev.agentlab.listing.RevisionRows;
import dev.agentlab.listing.SearchRequest;
import dev.agentlab.listing.TableRows;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// The rows of the tables `agents` and `agent_revisions`. Each statement that writes an agent also
/// inserts its revision.
final class PostgresAgentRows {
  static final String TABLE = "agents";

  private static final List<String> COLUMNS =
      List.of(
          "id", "name", "config", "provider_id", "route_id", "created_at", "updated_at", "version");

  private static final TableRows<AgentRow> ROWS =
      new TableRows<>(TABLE, COLUMNS, PostgresAgentRows::read);

  private static final ListingQuery LISTING =
      new ListingQuery(
          TABLE,
          COLUMNS,
          "name",
          List.of("name", "created_at", "updated_at", "id"),
          List.of("config"));

  static final RevisionRows<AgentRevisionRow> REVISIONS =
      new RevisionRows<>(
          "agent_revisions",
          TABLE,
          "agent_id",
          List.of("name", "config", "provider_id", "route_id"),
          PostgresAgentRows::readRevision);

  private static final String ENTRIES =
      """
      SELECT id, name, provider_id, config #>> '{model,name}' AS model, created_at FROM agents\
      """;

  private static final String INSERT =
      REVISIONS.withInsert(
          """
          INSERT INTO agents (id, name, config, provider_id, route_id)
          VALUES (:id, :name, :config::jsonb, :provider_id, :route_id)\
          """,
          ROWS.columns());

  private static final String UPDATE =
      REVISIONS.withInsert(
          """
          UPDATE agents
          SET name = wanted.name, config = wanted.config, provider_id = wanted.provider_id,
            route_id = wanted.route_id, version = version + 1, updated_at = now()
          FROM (
            SELECT :name::text AS name, :config::jsonb AS config, :provider_id::uuid AS provider_id,
              :route_id::uuid AS route_id
          ) AS wanted
          WHERE id = :id AND (agents.name, agents.config, agents.provider_id, agents.route_id)
            IS DISTINCT FROM (wanted.name, wanted.config, wanted.provider_id, wanted.route_id)\
          """,
          ROWS.columns());

  private PostgresAgentRows() {}

  static Optional<AgentRow> find(Connection connection, UUID id) throws SQLException {
    return ROWS.find(connection, id);
  }

  static Optional<AgentRow> lock(Connection connection, UUID id) throws SQLException {
    return ROWS.lock(connection, id);
  }

  /// The number of rows.
  static long count(Connection connection) throws SQLException {
    return LISTING.count(connection);
  }

  static Page<AgentRow> page(Connection connection, SearchRequest request, PageLimits limits)
      throws SQLException {
    return LISTING.page(connection, request, limits, PostgresAgentRows::read);
  }

  static Optional<UUID> findId(Connection connection, String name) throws SQLException {
    return new SqlStatement(connection, "SELECT id FROM agents WHERE name = :name")
        .bind("name", name)
        .first(row -> row.uuid("id"));
  }

  /// The agents in the order of their names.
  static List<AgentEntry> list(Connection connection, int limit) throws SQLException {
    return new SqlStatement(connection, ENTRIES + " ORDER BY name LIMIT :limit")
        .bind("limit", limit)
        .all(PostgresAgentRows::readEntry);
  }

  /// The agents with these ids, in the order of their names.
  static List<AgentEntry> list(Connection connection, Set<UUID> ids) throws SQLException {
    return new SqlStatement(connection, ENTRIES + " WHERE id = ANY(:ids) ORDER BY name")
        .bindArray("ids", "uuid", ids.toArray())
        .all(PostgresAgentRows::readEntry);
  }

  private static AgentEntry readEntry(Row row) throws SQLException {
    return new AgentEntry(
        row.uuid("id"),
        row.text("name"),
        row.optionalUuid("provider_id"),
        row.optionalText("model").orElse(""),
        row.instant("created_at"));
  }

  static AgentSummary readSummary(Row row) throws SQLException {
    return new AgentSummary(row.uuid("id"), row.text("name"));
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
    return new SqlStatement(connection, sql)
        .bind("id", id)
        .bind("name", name)
        .bind("config", config.json().toString())
        .bind("provider_id", config.providerId())
        .bind("route_id", config.routeId())
        .first(PostgresAgentRows::read);
  }

  private static AgentRow read(Row row) throws SQLException {
    return new AgentRow(
        row.uuid("id"),
        row.text("name"),
        readConfig(row),
        row.instant("created_at"),
        row.instant("updated_at"),
        row.number("version"));
  }

  private static AgentRevisionRow readRevision(Row row) throws SQLException {
    return new AgentRevisionRow(
        row.number("revision"), row.text("name"), readConfig(row), row.instant("created_at"));
  }

  /// Reads the columns `config`, `provider_id` and `route_id`.
  private static StoredAgentConfig readConfig(Row row) throws SQLException {
    return new StoredAgentConfig(
        Json.MAPPER.readTree(row.text("config")),
        row.optionalUuid("provider_id"),
        row.optionalUuid("route_id"));
  }
}
