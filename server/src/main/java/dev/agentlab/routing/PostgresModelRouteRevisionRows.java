package dev.agentlab.routing;

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

/// The rows of the table `model_route_revisions`. A row is inserted with each change of a route.
final class PostgresModelRouteRevisionRows {
  private static final List<String> COLUMNS = List.of("revision", "name", "config", "created_at");

  private static final OwnedRows<ModelRouteRevisionRow> ROWS =
      new OwnedRows<>(
          new BoundedRows(
              "model_route_revisions", COLUMNS, "route_id, revision", List.of("config"), true),
          "route_id",
          "revision DESC",
          PostgresModelRouteRevisionRows::read);

  private PostgresModelRouteRevisionRows() {}

  /// Returns a statement that applies a change to `model_routes`, inserts the changed row as a
  /// revision, and returns it.
  ///
  /// @param change an INSERT or UPDATE of one row, without `RETURNING`
  static String withRevisionInsert(String change, String columns) {
    return """
    WITH changed AS (%s RETURNING model_routes.*),
    kept AS (
      INSERT INTO model_route_revisions (route_id, revision, name, config, created_at)
      SELECT id, version, name, config, updated_at FROM changed
    )
    SELECT %s FROM changed
    """
        .formatted(change, columns);
  }

  static Page<ModelRouteRevisionRow> page(Connection connection, UUID route, PageRange window)
      throws SQLException {
    return ROWS.page(connection, route, window);
  }

  static Optional<ModelRouteRevisionRow> find(Connection connection, UUID route, long revision)
      throws SQLException {
    String sql =
        "SELECT %s FROM model_route_revisions WHERE route_id = :route AND revision = :revision"
            .formatted(String.join(", ", COLUMNS));
    return new SqlStatement(connection, sql)
        .bind("route", route)
        .bind("revision", revision)
        .first(PostgresModelRouteRevisionRows::read);
  }

  private static ModelRouteRevisionRow read(Row row) throws SQLException {
    return new ModelRouteRevisionRow(
        row.number("revision"),
        row.text("name"),
        PostgresModelRouteRows.readConfig(row),
        row.instant("created_at"));
  }
}
