package dev.agentlab.sessions;

import dev.agentlab.database.Row;
import dev.agentlab.database.SqlStatement;
import dev.agentlab.secrets.KeyedHash;
import dev.agentlab.security.KeyReference;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// The statements of the table `sessions`. Each row is stored with a MAC, which is verified when it
/// is read: write access to the database without the keys of the service can end a session, or
/// restore the former row of one that has not expired, but can neither forge nor extend one.
final class PostgresSessionRows {
  static final String TABLE = "sessions";

  private static final String COLUMNS =
      "id, token_hash, key_id, key_hash, issuer, subject, name, scopes, checked_at,"
          + " refresh_token, expires_at, last_used_at, mac";

  private final KeyedHash macs;

  PostgresSessionRows(KeyedHash macs) {
    this.macs = macs;
  }

  /// A row as it is stored.
  ///
  /// @param isAuthentic whether the MAC is valid; otherwise the session is invalid
  record Stored(SessionRow row, boolean isAuthentic) {}

  private Stored read(Row row) throws SQLException {
    SessionRow session =
        new SessionRow(
            row.uuid("id"),
            row.bytes("token_hash"),
            readOwner(row),
            row.instant("expires_at"),
            row.instant("last_used_at"));
    return new Stored(
        session, MessageDigest.isEqual(row.bytes("mac"), macs.compute(session.encoded())));
  }

  private static SessionOwner readOwner(Row row) throws SQLException {
    Optional<String> key = row.optionalText("key_id");
    return key.isPresent()
        ? new SessionOwner.OfKey(new KeyReference(key.get(), row.bytes("key_hash")))
        : new SessionOwner.OfUser(
            row.text("issuer"),
            row.text("subject"),
            row.text("name"),
            row.texts("scopes"),
            row.instant("checked_at"),
            row.optionalText("refresh_token"));
  }

  /// Truncates a time to the precision of the database, without which the MAC would not match.
  static Instant truncate(Instant time) {
    return time.truncatedTo(ChronoUnit.MICROS);
  }

  List<Stored> findAll(Connection connection) throws SQLException {
    return new SqlStatement(connection, "SELECT %s FROM sessions".formatted(COLUMNS))
        .all(this::read);
  }

  /// Finds authentic rows and locks them, in an order that prevents deadlocks.
  List<SessionRow> lock(Connection connection, Collection<UUID> ids) throws SQLException {
    String sql =
        "SELECT %s FROM sessions WHERE id = ANY (:ids) ORDER BY id FOR UPDATE".formatted(COLUMNS);
    return new SqlStatement(connection, sql)
        .bindArray("ids", "uuid", ids.toArray()).all(this::read).stream()
            .filter(Stored::isAuthentic)
            .map(Stored::row)
            .toList();
  }

  void insert(Connection connection, SessionRow session) throws SQLException {
    String sql =
        """
        INSERT INTO sessions (id, token_hash, key_id, key_hash, issuer, subject, name, scopes, checked_at,
          refresh_token, expires_at, last_used_at, mac)
        VALUES (:id, :token_hash, :key_id, :key_hash, :issuer, :subject, :name, :scopes, :checked_at,
          :refresh_token, :expires_at, :last_used_at, :mac)
        """;
    bind(new SqlStatement(connection, sql), session)
        .bind("token_hash", session.tokenHash())
        .bind("expires_at", session.expiresAt())
        .update();
  }

  /// Writes the owner and the last use of a row.
  void update(Connection connection, SessionRow session) throws SQLException {
    String sql =
        """
        UPDATE sessions SET key_id = :key_id, key_hash = :key_hash, issuer = :issuer, subject = :subject,
          name = :name, scopes = :scopes, checked_at = :checked_at, refresh_token = :refresh_token,
          last_used_at = :last_used_at, mac = :mac
        WHERE id = :id
        """;
    bind(new SqlStatement(connection, sql), session).update();
  }

  private SqlStatement bind(SqlStatement statement, SessionRow session) throws SQLException {
    Optional<KeyReference> key =
        session.owner() instanceof SessionOwner.OfKey(KeyReference it)
            ? Optional.of(it)
            : Optional.empty();
    Optional<SessionOwner.OfUser> user =
        session.owner() instanceof SessionOwner.OfUser it ? Optional.of(it) : Optional.empty();
    statement
        .bind("id", session.id())
        .bind("key_id", key.map(KeyReference::keyId))
        .bind("key_hash", key.map(KeyReference::hash))
        .bind("issuer", user.map(SessionOwner.OfUser::issuer))
        .bind("subject", user.map(SessionOwner.OfUser::subject))
        .bind("name", user.map(SessionOwner.OfUser::name))
        .bind("checked_at", user.map(SessionOwner.OfUser::checkedAt))
        .bind("refresh_token", user.flatMap(SessionOwner.OfUser::refreshToken))
        .bind("last_used_at", session.lastUsedAt())
        .bind("mac", macs.compute(session.encoded()));
    return user.isPresent()
        ? statement.bindArray("scopes", "text", user.get().scopes().toArray())
        : statement.bind("scopes", null);
  }

  /// Deletes a row.
  ///
  /// @return whether it existed
  boolean delete(Connection connection, UUID id) throws SQLException {
    return new SqlStatement(connection, "DELETE FROM sessions WHERE id = :id")
            .bind("id", id)
            .update()
        == 1;
  }

  /// Deletes the oldest sessions of an owner.
  ///
  /// @param max the number of sessions to keep
  /// @return the deleted rows
  List<SessionRow> deleteOldest(Connection connection, SessionOwner owner, int max)
      throws SQLException {
    String sql =
        """
        DELETE FROM sessions WHERE id IN (
          SELECT id FROM sessions
          WHERE coalesce(key_id, subject) = :owner AND (key_id IS NULL) = :is_user
          ORDER BY created_at DESC, id OFFSET :max)
        RETURNING %s
        """
            .formatted(COLUMNS);
    return new SqlStatement(connection, sql)
        .bind(
            "owner",
            switch (owner) {
              case SessionOwner.OfKey(KeyReference key) -> key.keyId();
              case SessionOwner.OfUser user -> user.subject();
            })
        .bind("is_user", owner instanceof SessionOwner.OfUser)
        .bind("max", max)
        .all(row -> read(row).row());
  }

  /// Deletes the sessions that have ended.
  ///
  /// @param unusedSince the latest last use of a session that has ended
  /// @return the number of deleted rows
  static int deleteEnded(Connection connection, Instant now, Instant unusedSince)
      throws SQLException {
    String sql = "DELETE FROM sessions WHERE expires_at <= :now OR last_used_at <= :unused_since";
    return new SqlStatement(connection, sql)
        .bind("now", now)
        .bind("unused_since", unusedSince)
        .update();
  }
}
