package dev.agentlab.routing;

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
import tools.jackson.databind.node.ObjectNode;

/// The rows of the tables `model_routes`, `model_route_targets` and `model_route_revisions`. Each
/// statement that writes a route also inserts its revision.
final class PostgresModelRouteRows {
  private static final List<String> COLUMNS =
      List.of("id", "name", "config", "created_at", "updated_at", "version");

  private static final TableRows<ModelRouteRow> ROWS =
      new TableRows<>(ModelRoutes.TABLE, COLUMNS, PostgresModelRouteRows::read);

  private static final ListingQuery LISTING =
      new ListingQuery(
          ModelRoutes.TABLE,
          COLUMNS,
          "name",
          List.of("name", "created_at", "updated_at", "id"),
          List.of("config"));

  static final RevisionRows<ModelRouteRevisionRow> REVISIONS =
      new RevisionRows<>(
          "model_route_revisions",
          ModelRoutes.TABLE,
          "route_id",
          List.of("name", "config"),
          PostgresModelRouteRows::readRevision);

  private static final String ENTRIES = "SELECT id, name, created_at FROM model_routes";

  private static final String INSERT =
      REVISIONS.withInsert(
          "INSERT INTO model_routes (id, name, config) VALUES (:id, :name, :config::jsonb)",
          ROWS.columns());

  private static final String UPDATE =
      REVISIONS.withInsert(
          """
          UPDATE model_routes
          SET name = wanted.name, config = wanted.config, version = version + 1, updated_at = now()
          FROM (SELECT :name::text AS name, :config::jsonb AS config) AS wanted
          WHERE id = :id
            AND (model_routes.name, model_routes.config) IS DISTINCT FROM (wanted.name, wanted.config)\
          """,
          ROWS.columns());

  private static final String DELETE_TARGETS =
      "DELETE FROM model_route_targets WHERE route_id = :id";

  private static final String INSERT_TARGETS =
      """
      INSERT INTO model_route_targets (route_id, position, provider_id, agent_id)
      SELECT id, position, (target ->> 'provider_id')::uuid, (target ->> 'agent_id')::uuid
      FROM model_routes,
        jsonb_array_elements(config -> 'targets') WITH ORDINALITY AS listed (target, position)
      WHERE id = :id\
      """;

  private PostgresModelRouteRows() {}

  static Optional<ModelRouteRow> find(Connection connection, UUID id) throws SQLException {
    return ROWS.find(connection, id);
  }

  static Optional<ModelRouteRow> lock(Connection connection, UUID id) throws SQLException {
    return ROWS.lock(connection, id);
  }

  /// The number of rows.
  static long count(Connection connection) throws SQLException {
    return LISTING.count(connection);
  }

  static Page<ModelRouteRow> page(Connection connection, SearchRequest request, PageLimits limits)
      throws SQLException {
    return LISTING.page(connection, request, limits, PostgresModelRouteRows::read);
  }

  static Optional<UUID> findId(Connection connection, String name) throws SQLException {
    return new SqlStatement(connection, "SELECT id FROM model_routes WHERE name = :name")
        .bind("name", name)
        .first(row -> row.uuid("id"));
  }

  /// The routes in the order of their names.
  static List<ModelRouteEntry> list(Connection connection, int limit) throws SQLException {
    return new SqlStatement(connection, ENTRIES + " ORDER BY name LIMIT :limit")
        .bind("limit", limit)
        .all(PostgresModelRouteRows::readEntry);
  }

  /// The routes with these ids, in the order of their names.
  static List<ModelRouteEntry> list(Connection connection, Set<UUID> ids) throws SQLException {
    return new SqlStatement(connection, ENTRIES + " WHERE id = ANY(:ids) ORDER BY name")
        .bindArray("ids", "uuid", ids.toArray())
        .all(PostgresModelRouteRows::readEntry);
  }

  private static ModelRouteEntry readEntry(Row row) throws SQLException {
    return new ModelRouteEntry(row.uuid("id"), row.text("name"), row.instant("created_at"));
  }

  static ModelRouteRow insert(Connection connection, UUID id, String name, ObjectNode config)
      throws SQLException {
    ModelRouteRow inserted = write(INSERT, connection, id, name, config).orElseThrow();
    new SqlStatement(connection, INSERT_TARGETS).bind("id", id).update();
    return inserted;
  }

  /// Updates a row; returns empty if it already has these values.
  static Optional<ModelRouteRow> update(
      Connection connection, UUID id, String name, ObjectNode config) throws SQLException {
    Optional<ModelRouteRow> updated = write(UPDATE, connection, id, name, config);
    if (updated.isPresent()) {
      new SqlStatement(connection, DELETE_TARGETS).bind("id", id).update();
      new SqlStatement(connection, INSERT_TARGETS).bind("id", id).update();
    }
    return updated;
  }

  static void delete(Connection connection, UUID id) throws SQLException {
    ROWS.delete(connection, id);
  }

  private static Optional<ModelRouteRow> write(
      String sql, Connection connection, UUID id, String name, ObjectNode config)
      throws SQLException {
    return new SqlStatement(connection, sql)
        .bind("id", id)
        .bind("name", name)
        .bind("config", config.toString())
        .first(PostgresModelRouteRows::read);
  }

  private static ModelRouteRow read(Row row) throws SQLException {
    return new ModelRouteRow(
        row.uuid("id"),
        row.text("name"),
        readConfig(row),
        row.instant("created_at"),
        row.instant("updated_at"),
        row.number("version"));
  }

  private static ModelRouteRevisionRow readRevision(Row row) throws SQLException {
    return new ModelRouteRevisionRow(
        row.number("revision"), row.text("name"), readConfig(row), row.instant("created_at"));
  }

  private static ObjectNode readConfig(Row row) throws SQLException {
    return Json.MAPPER.readTree(row.text("config")).asObject();
  }
}
