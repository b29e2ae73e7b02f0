package dev.agentlab.keys;

import dev.agentlab.listing.ListingQuery;
import dev.agentlab.listing.Page;
import dev.agentlab.listing.PageLimits;
import dev.agentlab.listing.Rows;
import dev.agentlab.listing.SearchRequest;
import dev.agentlab.listing.TableRows;
import dev.agentlab.secrets.KeyedHash;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The statements of the table `api_keys`. The rights of a key are stored with a MAC, which is
/// verified when they are read: write access to the database without the keys of the service can
/// invalidate a key but cannot extend its rights.
final class PostgresKeyRows {
  static final String TABLE = "api_keys";

  /// The columns in the order in which [#read] reads them.
  private static final List<String> COLUMNS =
      List.of(
          "id",
          "name",
          "type",
          "key_id",
          "key_hash",
          "previous_hash",
          "previous_expires_at",
          "scopes",
          "created_by",
          "created_at",
          "expires_at",
          "last_used_at",
          "revoked_at",
          "mac");

  /// Names are not unique, so the listing sorts by other columns by default.
  private static final ListingQuery LISTING =
      new ListingQuery(TABLE, COLUMNS, "name", List.of("created_at", "id"));

  private final TableRows<PostgresKeyRow> rows = new TableRows<>(TABLE, COLUMNS, this::read);
  private final KeyedHash macs;

  PostgresKeyRows(KeyedHash macs) {
    this.macs = macs;
  }

  private PostgresKeyRow read(ResultSet row) throws SQLException {
    byte[] previous = row.getBytes(6);
    KeyRights rights =
        new KeyRights(
            row.getObject(1, UUID.class),
            KeyType.valueOf(row.getString(3).toUpperCase(Locale.ROOT)),
            row.getString(4),
            row.getBytes(5),
            previous == null
                ? Optional.empty()
                : Optional.of(new KeyRights.Previous(previous, readInstant(row, 7).orElseThrow())),
            readScopes(row.getArray(8).getArray()),
            readInstant(row, 11),
            readInstant(row, 13));
    return new PostgresKeyRow(
        rights,
        row.getString(2),
        row.getString(9),
        readInstant(row, 10).orElseThrow(),
        readInstant(row, 12),
        MessageDigest.isEqual(row.getBytes(14), macs.compute(rights.encoded())));
  }

  /// Ignores nested arrays and nulls, which the service never stores.
  private static List<String> readScopes(Object array) {
    return array instanceof String[] texts
        ? Arrays.stream(texts).filter(Objects::nonNull).toList()
        : List.of();
  }

  private static Optional<Instant> readInstant(ResultSet row, int column) throws SQLException {
    return Optional.ofNullable(row.getObject(column, OffsetDateTime.class))
        .map(OffsetDateTime::toInstant);
  }

  /// Truncates a time to the precision of the database, without which the MAC would not match.
  static Instant truncate(Instant time) {
    return time.truncatedTo(ChronoUnit.MICROS);
  }

  Optional<PostgresKeyRow> find(Connection connection, UUID id) throws SQLException {
    return rows.find(connection, id);
  }

  /// Finds a row and locks it until the transaction ends.
  Optional<PostgresKeyRow> lock(Connection connection, UUID id) throws SQLException {
    return rows.lock(connection, id);
  }

  Page<PostgresKeyRow> page(Connection connection, SearchRequest request, PageLimits limits)
      throws SQLException {
    return LISTING.page(connection, request, limits, this::read);
  }

  /// Finds the keys whose row has no revocation.
  List<PostgresKeyRow> findUnrevoked(Connection connection) throws SQLException {
    return findAll(connection, "WHERE revoked_at IS NULL");
  }

  /// Finds all admin keys, including revoked ones, and locks them until the transaction ends.
  List<PostgresKeyRow> lockAdmins(Connection connection) throws SQLException {
    return findAll(connection, "WHERE type = 'admin' ORDER BY id FOR UPDATE");
  }

  private List<PostgresKeyRow> findAll(Connection connection, String clause) throws SQLException {
    String sql = "SELECT %s FROM %s %s".formatted(rows.columns(), TABLE, clause);
    try (PreparedStatement select = connection.prepareStatement(sql)) {
      return Rows.all(select, this::read);
    }
  }

  PostgresKeyRow insert(Connection connection, KeyRights rights, String name, String createdBy)
      throws SQLException {
    String sql =
        """
        INSERT INTO api_keys (id, name, type, key_id, key_hash, scopes, created_by, expires_at, mac)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING %s
        """
            .formatted(rows.columns());
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setObject(1, rights.id());
      statement.setString(2, name);
      statement.setString(3, rights.type().toString());
      statement.setString(4, rights.keyId());
      statement.setBytes(5, rights.hash());
      statement.setArray(6, connection.createArrayOf("text", rights.scopes().toArray()));
      statement.setString(7, createdBy);
      statement.setObject(8, toTimestamp(rights.expiresAt()));
      statement.setBytes(9, macs.compute(rights.encoded()));
      return readWritten(statement);
    }
  }

  /// Writes the columns that a rotation or a revocation changes.
  ///
  /// @return the updated row
  PostgresKeyRow update(Connection connection, KeyRights rights) throws SQLException {
    String sql =
        """
        UPDATE api_keys SET key_hash = ?, previous_hash = ?, previous_expires_at = ?,
          revoked_at = ?, mac = ?
        WHERE id = ? RETURNING %s
        """
            .formatted(rows.columns());
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setBytes(1, rights.hash());
      statement.setBytes(2, rights.previous().map(KeyRights.Previous::hash).orElse(null));
      statement.setObject(3, toTimestamp(rights.previous().map(KeyRights.Previous::expiresAt)));
      statement.setObject(4, toTimestamp(rights.revokedAt()));
      statement.setBytes(5, macs.compute(rights.encoded()));
      statement.setObject(6, rights.id());
      return readWritten(statement);
    }
  }

  /// The MAC covers the rights that were sent, never those that the database returned: otherwise a
  /// trigger could obtain a MAC for any rights.
  private PostgresKeyRow readWritten(PreparedStatement statement) throws SQLException {
    PostgresKeyRow row = rows.first(statement).orElseThrow();
    if (!row.isAuthentic()) {
      throw new SQLException(
          "the database modified the row of API key %s on write".formatted(row.id()));
    }
    return row;
  }

  private static @Nullable OffsetDateTime toTimestamp(Optional<Instant> time) {
    return time.map(it -> it.atOffset(ZoneOffset.UTC)).orElse(null);
  }
}
