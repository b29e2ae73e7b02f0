package dev.agentlab.keys;

import dev.agentlab.database.Row;
import dev.agentlab.database.SqlStatement;
import dev.agentlab.listing.BoundedRows;
import dev.agentlab.listing.ListingQuery;
import dev.agentlab.listing.OwnedRows;
import dev.agentlab.listing.Page;
import dev.agentlab.listing.PageLimits;
import dev.agentlab.listing.PageRange;
import dev.agentlab.listing.SearchRequest;
import dev.agentlab.listing.TableRows;
import dev.agentlab.secrets.KeyedHash;
import dev.agentlab.security.GrantableScopes;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/// The statements of the table `api_keys`. The signed fields of a key are stored with a MAC, which
/// is verified when they are read: write access to the database without the keys of the service can
/// invalidate a key but cannot extend its rights.
final class PostgresKeyRows {
  static final String TABLE = "api_keys";

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
          "mac",
          "owner");

  private static final String UNENDED =
      "revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())";

  /// Names are not unique, so the listing sorts by other columns by default.
  private static final ListingQuery LISTING =
      new ListingQuery(TABLE, COLUMNS, "name", List.of("created_at", "id"));

  private final OwnedRows<PostgresKeyRow> owned =
      new OwnedRows<>(
          new BoundedRows(TABLE, COLUMNS, "id", List.of(), false),
          "owner",
          "created_at DESC, id DESC",
          this::read);
  private final TableRows<PostgresKeyRow> rows = new TableRows<>(TABLE, COLUMNS, this::read);
  private final KeyedHash macs;
  private final GrantableScopes scopes;

  PostgresKeyRows(KeyedHash macs, GrantableScopes scopes) {
    this.macs = macs;
    this.scopes = scopes;
  }

  private PostgresKeyRow read(Row row) throws SQLException {
    Optional<byte[]> previous = row.optionalBytes("previous_hash");
    SignedKeyFields fields =
        new SignedKeyFields(
            row.uuid("id"),
            KeyType.valueOf(row.text("type").toUpperCase(Locale.ROOT)),
            row.text("key_id"),
            row.bytes("key_hash"),
            previous.isEmpty()
                ? Optional.empty()
                : Optional.of(
                    new SignedKeyFields.Previous(
                        previous.get(), row.instant("previous_expires_at"))),
            row.texts("scopes"),
            row.optionalInstant("expires_at"),
            row.optionalInstant("revoked_at"),
            row.optionalText("owner").map(KeyOwner::new));
    return new PostgresKeyRow(
        fields,
        fields.grants(scopes),
        row.text("name"),
        row.text("created_by"),
        row.instant("created_at"),
        row.optionalInstant("last_used_at"),
        MessageDigest.isEqual(row.bytes("mac"), macs.compute(fields.encoded())));
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

  /// Finds a page of the keys of an owner, the newest first.
  Page<PostgresKeyRow> page(Connection connection, KeyOwner owner, PageRange window)
      throws SQLException {
    return owned.page(connection, owner.text(), window);
  }

  /// The numbers of keys of an owner.
  ///
  /// @param unended those that have neither expired nor been revoked
  /// @param recent those created since a time, with those that have ended
  record OwnedCount(long unended, long recent) {}

  OwnedCount countOwned(Connection connection, KeyOwner owner, Instant since) throws SQLException {
    String sql =
        """
        SELECT count(*) FILTER (WHERE %s) AS unended,
          count(*) FILTER (WHERE created_at > :since) AS recent
        FROM api_keys WHERE owner = :owner
        """
            .formatted(UNENDED);
    return new SqlStatement(connection, sql)
        .bind("owner", owner.text())
        .bind("since", since)
        .one(row -> new OwnedCount(row.number("unended"), row.number("recent")));
  }

  /// Finds the keys of an owner that have neither expired nor been revoked.
  List<PostgresKeyRow> findUnended(Connection connection, KeyOwner owner) throws SQLException {
    String sql =
        "SELECT %s FROM api_keys WHERE owner = :owner AND %s".formatted(rows.columns(), UNENDED);
    return new SqlStatement(connection, sql).bind("owner", owner.text()).all(this::read);
  }

  /// Finds the keys that expire by a time, the first to expire first.
  ///
  /// @param owner only this caller's own key and the keys that it owns; empty for all keys
  List<PostgresKeyRow> findExpiring(
      Connection connection, Instant until, Optional<KeyOwner> owner, int limit)
      throws SQLException {
    String sql =
        """
        SELECT %s FROM api_keys
        WHERE revoked_at IS NULL AND expires_at > now() AND expires_at <= :until %s
        ORDER BY expires_at, id LIMIT :limit
        """
            .formatted(rows.columns(), owner.isPresent() ? "AND (owner = :owner OR id = :id)" : "");
    SqlStatement statement =
        new SqlStatement(connection, sql).bind("until", until).bind("limit", limit);
    owner.ifPresent(it -> statement.bind("owner", it.text()).bind("id", it.keyId()));
    return statement.all(this::read);
  }

  /// Finds a key, and the keys that it owns and that have neither expired nor been revoked, and
  /// locks them until the transaction ends.
  List<PostgresKeyRow> lockWithOwned(Connection connection, UUID id) throws SQLException {
    // In the order of PostgresActiveKeys.writeLastUses, which prevents a deadlock with it.
    String sql =
        "SELECT %s FROM api_keys WHERE id = :id OR (owner = :owner AND %s) ORDER BY id FOR UPDATE"
            .formatted(rows.columns(), UNENDED);
    return new SqlStatement(connection, sql)
        .bind("id", id)
        .bind("owner", KeyOwner.ofKey(id).text())
        .all(this::read);
  }

  /// Finds the keys whose row has no revocation.
  List<PostgresKeyRow> findUnrevoked(Connection connection) throws SQLException {
    return findAll(connection, "WHERE revoked_at IS NULL");
  }

  /// Finds all admin keys, including revoked ones, and the keys that they own and that have neither
  /// expired nor been revoked, and locks them until the transaction ends.
  List<PostgresKeyRow> lockAdminsWithOwned(Connection connection) throws SQLException {
    return findAll(
        connection,
        """
        WHERE type = 'admin' OR (
          owner IN (SELECT 'key:' || id FROM api_keys WHERE type = 'admin') AND %s)
        ORDER BY id FOR UPDATE
        """
            .formatted(UNENDED));
  }

  private List<PostgresKeyRow> findAll(Connection connection, String clause) throws SQLException {
    String sql = "SELECT %s FROM %s %s".formatted(rows.columns(), TABLE, clause);
    return new SqlStatement(connection, sql).all(this::read);
  }

  PostgresKeyRow insert(
      Connection connection, SignedKeyFields fields, String name, String createdBy)
      throws SQLException {
    String sql =
        """
        INSERT INTO api_keys
          (id, name, type, key_id, key_hash, scopes, created_by, expires_at, mac, owner)
        VALUES
          (:id, :name, :type, :key_id, :key_hash, :scopes, :created_by, :expires_at, :mac, :owner)
        RETURNING %s
        """
            .formatted(rows.columns());
    return readWritten(
        new SqlStatement(connection, sql)
            .bind("id", fields.id())
            .bind("name", name)
            .bind("type", fields.type().toString())
            .bind("key_id", fields.keyId())
            .bind("key_hash", fields.hash())
            .bindArray("scopes", "text", fields.scopes().toArray())
            .bind("created_by", createdBy)
            .bind("expires_at", fields.expiresAt())
            .bind("mac", macs.compute(fields.encoded()))
            .bind("owner", fields.owner().map(KeyOwner::text)));
  }

  /// Writes the columns that a rotation or a revocation changes.
  ///
  /// @return the updated row
  PostgresKeyRow update(Connection connection, SignedKeyFields fields) throws SQLException {
    String sql =
        """
        UPDATE api_keys SET key_hash = :key_hash, previous_hash = :previous_hash,
          previous_expires_at = :previous_expires_at, revoked_at = :revoked_at, mac = :mac
        WHERE id = :id RETURNING %s
        """
            .formatted(rows.columns());
    return readWritten(
        new SqlStatement(connection, sql)
            .bind("key_hash", fields.hash())
            .bind("previous_hash", fields.previous().map(SignedKeyFields.Previous::hash))
            .bind("previous_expires_at", fields.previous().map(SignedKeyFields.Previous::expiresAt))
            .bind("revoked_at", fields.revokedAt())
            .bind("mac", macs.compute(fields.encoded()))
            .bind("id", fields.id()));
  }

  /// The MAC covers the fields that were sent, never those that the database returned: otherwise a
  /// trigger could obtain a MAC for any fields.
  private PostgresKeyRow readWritten(SqlStatement statement) throws SQLException {
    PostgresKeyRow row = statement.one(this::read);
    if (!row.isAuthentic()) {
      throw new SQLException(
          "the database modified the row of API key %s on write".formatted(row.id()));
    }
    return row;
  }
}
