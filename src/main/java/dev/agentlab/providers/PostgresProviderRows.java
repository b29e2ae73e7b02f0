package dev.agentlab.providers;

import dev.agentlab.json.Json;
import dev.agentlab.kinds.ProviderConfig;
import dev.agentlab.kinds.ProviderKinds;
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

/// Reads and writes rows of the table `providers`.
final class PostgresProviderRows {
  static final String TABLE = "providers";

  /// In the order of the column indexes in [#read].
  private static final List<String> COLUMNS =
      List.of("id", "name", "config", "created_at", "updated_at", "version");

  private static final ListingQuery LISTING =
      new ListingQuery(
          TABLE,
          COLUMNS,
          "name",
          List.of("name", "created_at", "updated_at", "id"),
          List.of("config"));

  private final ProviderKinds kinds;
  private final TableRows<ProviderRow> rows = new TableRows<>(TABLE, COLUMNS, this::read);

  /// @param kinds determine which parts of a configuration are secret
  PostgresProviderRows(ProviderKinds kinds) {
    this.kinds = kinds;
  }

  Optional<ProviderRow> find(Connection connection, UUID id) throws SQLException {
    return rows.find(connection, id);
  }

  Optional<ProviderRow> lock(Connection connection, UUID id) throws SQLException {
    return rows.lock(connection, id);
  }

  Page<ProviderRow> page(Connection connection, SearchRequest request, PageLimits limits)
      throws SQLException {
    return LISTING.page(connection, request, limits, this::read);
  }

  Optional<UUID> findId(Connection connection, String name) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT id FROM providers WHERE name = ?")) {
      statement.setString(1, name);
      return Rows.first(statement, row -> row.getObject(1, UUID.class));
    }
  }

  ProviderRow insert(Connection connection, UUID id, String name, ProviderConfig config)
      throws SQLException {
    String sql = "INSERT INTO providers (name, config, id) VALUES (?, ?::jsonb, ?) RETURNING ";
    return write(sql + rows.columns(), connection, id, name, config);
  }

  ProviderRow update(Connection connection, UUID id, String name, ProviderConfig config)
      throws SQLException {
    String sql =
        """
        UPDATE providers
        SET name = ?, config = ?::jsonb, version = version + 1, updated_at = now()
        WHERE id = ?
        RETURNING %s
        """
            .formatted(rows.columns());
    return write(sql, connection, id, name, config);
  }

  void delete(Connection connection, UUID id) throws SQLException {
    rows.delete(connection, id);
  }

  private ProviderRow write(
      String sql, Connection connection, UUID id, String name, ProviderConfig config)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, name);
      statement.setString(2, config.stored().toString());
      statement.setObject(3, id);
      return rows.first(statement).orElseThrow();
    }
  }

  private ProviderRow read(ResultSet row) throws SQLException {
    return new ProviderRow(
        row.getObject(1, UUID.class),
        row.getString(2),
        readConfig(row, 3),
        Rows.instant(row, 4),
        Rows.instant(row, 5),
        row.getLong(6));
  }

  /// Reads the configuration in a column.
  ProviderConfig readConfig(ResultSet row, int column) throws SQLException {
    return kinds.readStored(Json.MAPPER.readTree(row.getString(column)));
  }
}
