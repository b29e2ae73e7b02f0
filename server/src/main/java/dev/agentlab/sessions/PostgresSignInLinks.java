package dev.agentlab.sessions;

import dev.agentlab.database.SqlStatement;
import dev.agentlab.secrets.KeyedHash;
import dev.agentlab.secrets.MacInput;
import dev.agentlab.security.KeyReference;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/// The statements of the table `sign_in_links`, whose rows have a MAC like those of `sessions`.
final class PostgresSignInLinks {
  private final KeyedHash macs;

  PostgresSignInLinks(KeyedHash macs) {
    this.macs = macs;
  }

  /// A row.
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record LinkRow(UUID id, byte[] tokenHash, KeyReference key, Instant expiresAt) {
    byte[] encoded() {
      return new MacInput("agent-lab sign-in link row 1")
          .text(id.toString())
          .bytes(tokenHash)
          .text(key.keyId())
          .bytes(key.hash())
          .time(expiresAt)
          .bytes();
    }
  }

  void insert(Connection connection, LinkRow link) throws SQLException {
    String sql =
        """
        INSERT INTO sign_in_links (id, token_hash, key_id, key_hash, expires_at, mac)
        VALUES (:id, :token_hash, :key_id, :key_hash, :expires_at, :mac)
        """;
    new SqlStatement(connection, sql)
        .bind("id", link.id())
        .bind("token_hash", link.tokenHash())
        .bind("key_id", link.key().keyId())
        .bind("key_hash", link.key().hash())
        .bind("expires_at", link.expiresAt())
        .bind("mac", macs.compute(link.encoded()))
        .update();
  }

  /// Deletes the oldest links of a key.
  ///
  /// @param max the number of links to keep
  static void deleteOldest(Connection connection, String keyId, int max) throws SQLException {
    String sql =
        """
        DELETE FROM sign_in_links WHERE id IN (
          SELECT id FROM sign_in_links WHERE key_id = :key_id
          ORDER BY expires_at DESC, id OFFSET :max)
        """;
    new SqlStatement(connection, sql).bind("key_id", keyId).bind("max", max).update();
  }

  /// Finds a link that was not used. Empty also if its row was modified outside the service.
  Optional<LinkRow> find(Connection connection, byte[] tokenHash) throws SQLException {
    String sql =
        """
        SELECT id, token_hash, key_id, key_hash, expires_at, mac FROM sign_in_links
        WHERE token_hash = :token_hash
        """;
    return new SqlStatement(connection, sql)
        .bind("token_hash", tokenHash)
        .first(row -> {
          LinkRow link =
              new LinkRow(
                  row.uuid("id"),
                  row.bytes("token_hash"),
                  new KeyReference(row.text("key_id"), row.bytes("key_hash")),
                  row.instant("expires_at"));
          return MessageDigest.isEqual(row.bytes("mac"), macs.compute(link.encoded()))
              ? Optional.of(link)
              : Optional.<LinkRow>empty();
        })
        .flatMap(link -> link);
  }

  /// Deletes a link, so that it cannot be used again.
  ///
  /// @return false if another request has used it
  static boolean delete(Connection connection, UUID id) throws SQLException {
    return new SqlStatement(connection, "DELETE FROM sign_in_links WHERE id = :id")
            .bind("id", id)
            .update()
        == 1;
  }

  /// Deletes the expired links.
  static int deleteExpired(Connection connection, Instant now) throws SQLException {
    return new SqlStatement(connection, "DELETE FROM sign_in_links WHERE expires_at <= :now")
        .bind("now", now)
        .update();
  }
}
