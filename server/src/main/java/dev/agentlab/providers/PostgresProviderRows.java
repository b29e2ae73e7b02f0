package dev.agentlab.providers;

import dev.agentlab.database.Row;
import dev.agentlab.database.SqlStatement;
import dev.agentlab.json.Json;
import dev.agentlab.kinds.ProviderConfig;
import dev.agentlab.kinds.ProviderKinds;
import dev.agentlab.listing.ListingQuery;
import dev.agentlab.listing.Page;
import dev.agentlab.listing.PageLimits;
import dev.agentlab.listing.SearchRequest;
import dev.agentlab.listing.TableRows;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/// Reads and writes rows of the table `providers`.
final class PostgresProviderRows {
  static final String TABLE = Providers.TABLE;

  private static final List<String> COLUMNS =
      List.of("id", "name", "config", "created_at", "updated_at", "version");

  private static final ListingQuery LISTING =
      new ListingQuery(
          TABLE,
          COLUMNS,
          "name",
          List.of("name", "created_at", "updated_at", "id"),
          List.of("config"));

  /// The maximum total size of the lists of models that are kept in memory.
  private static final long MAX_ENTRIES_BYTES = 8 << 20;

  private static final String ENTRIES =
      """
      WITH entries AS (
        SELECT id, name, created_at,
          jsonb_build_object(
            'name', config -> 'name',
            'options', jsonb_build_object(
              'models', config -> 'options' -> 'models',
              'priority', config -> 'options' -> 'priority')) AS config
        FROM providers
      ),
      preferred AS (
        SELECT id, name, created_at, config, row_number() OVER preference AS position,
          sum(octet_length(config::text)) OVER preference AS bytes
        FROM entries
        WINDOW preference AS (
          ORDER BY CASE jsonb_typeof(config -> 'options' -> 'priority')
              WHEN 'number' THEN (config -> 'options' -> 'priority')::numeric ELSE 0 END DESC,
            created_at, id
          ROWS UNBOUNDED PRECEDING)
      )
      SELECT id, name, created_at, config FROM preferred
      WHERE position <= :max_entries AND bytes <= :max_bytes
      """;

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

  /// The number of rows.
  static long count(Connection connection) throws SQLException {
    return LISTING.count(connection);
  }

  Page<ProviderRow> page(Connection connection, SearchRequest request, PageLimits limits)
      throws SQLException {
    return LISTING.page(connection, request, limits, this::read);
  }

  Optional<UUID> findId(Connection connection, String name) throws SQLException {
    return new SqlStatement(connection, "SELECT id FROM providers WHERE name = :name")
        .bind("name", name)
        .first(row -> row.uuid("id"));
  }

  /// The names of the rows with these ids.
  static Map<UUID, String> findNames(Connection connection, Set<UUID> ids) throws SQLException {
    return new SqlStatement(connection, "SELECT id, name FROM providers WHERE id = ANY(:ids)")
            .bindArray("ids", "uuid", ids.toArray())
            .all(row -> Map.entry(row.uuid("id"), row.text("name")))
            .stream()
            .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  /// All providers that the gateway selects from, the most preferred first. Reads only the members
  /// that an entry has. The least preferred providers are omitted if there are too many, or if the
  /// lists of models of the others are too large.
  List<ProviderEntry> entries(Connection connection) throws SQLException {
    return new SqlStatement(connection, ENTRIES)
            .bind("max_bytes", MAX_ENTRIES_BYTES)
            .bind("max_entries", Providers.MAX_ENTRIES)
            .all(this::readEntry)
            .stream()
            .sorted(ProviderEntry.PREFERENCE)
            .toList();
  }

  private ProviderEntry readEntry(Row row) throws SQLException {
    ProviderConfig config = kinds.readStored(Json.MAPPER.readTree(row.text("config")));
    return new ProviderEntry(
        row.uuid("id"),
        row.text("name"),
        config.name(),
        config.priority(),
        config.models(),
        row.instant("created_at"));
  }

  ProviderRow insert(Connection connection, UUID id, String name, ProviderConfig config)
      throws SQLException {
    String sql =
        "INSERT INTO providers (id, name, config) VALUES (:id, :name, :config::jsonb) RETURNING ";
    return write(sql + rows.columns(), connection, id, name, config);
  }

  ProviderRow update(Connection connection, UUID id, String name, ProviderConfig config)
      throws SQLException {
    String sql =
        """
        UPDATE providers
        SET name = :name, config = :config::jsonb, version = version + 1, updated_at = now()
        WHERE id = :id
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
    return new SqlStatement(connection, sql)
        .bind("id", id)
        .bind("name", name)
        .bind("config", config.stored().toString())
        .one(this::read);
  }

  private ProviderRow read(Row row) throws SQLException {
    return new ProviderRow(
        row.uuid("id"),
        row.text("name"),
        kinds.readStored(Json.MAPPER.readTree(row.text("config"))),
        row.instant("created_at"),
        row.instant("updated_at"),
        row.number("version"));
  }
}
