package dev.agentlab.vault;

import dev.agentlab.database.SqlStatement;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// The running replicas in PostgreSQL, and the key-encryption keys that each can read. Safe for all
/// threads.
final class PostgresReplicas {
  private final UUID id = UUID.randomUUID();
  private final KeyEncryptionKeys keyEncryptionKeys;
  private final int port;

  /// @param port the port that this replica listens on
  PostgresReplicas(KeyEncryptionKeys keyEncryptionKeys, int port) {
    this.keyEncryptionKeys = keyEncryptionKeys;
    this.port = port;
  }

  /// Announces this replica for the first time. The lock on the root key orders this and a running
  /// rotation: either the rotation sees the announcement, or this waits for the rotation.
  ///
  /// @param connection in a transaction
  /// @throws VaultException if the key-encryption key in use is not available
  void register(Connection connection) throws SQLException {
    PostgresDataKeys.requireRootKeyEncryptionKey(connection, keyEncryptionKeys, "FOR SHARE");
    announce(connection);
  }

  /// Announces this replica with its present keys.
  void announce(Connection connection) throws SQLException {
    String sql =
        """
        INSERT INTO replicas (id, address, source, keks) VALUES (:id,
          CASE family(inet_client_addr()) WHEN 4 THEN host(inet_client_addr())
            WHEN 6 THEN '[' || host(inet_client_addr()) || ']' ELSE 'localhost' END || ':' || :port, :source, :keks)
        ON CONFLICT (id) DO UPDATE
        SET address = excluded.address, keks = excluded.keks, seen_at = excluded.seen_at
        """;
    new SqlStatement(connection, sql)
        .bind("id", id)
        .bind("port", Integer.toString(port))
        .bind("source", keyEncryptionKeys.sourceName())
        .bindArray("keks", "text", keyEncryptionKeys.ids().toArray())
        .update();
  }

  /// Deletes the rows of replicas that have not announced themselves for a minute.
  void deleteExpired(Connection connection) throws SQLException {
    new SqlStatement(connection, "DELETE FROM replicas WHERE seen_at < now() - INTERVAL '1 minute'")
        .update();
  }

  /// Deletes the row of this replica.
  boolean unregister(Connection connection) throws SQLException {
    String sql = "DELETE FROM replicas WHERE id = :id";
    return new SqlStatement(connection, sql).bind("id", id).update() > 0;
  }

  /// The key-encryption keys that this replica cannot read.
  ///
  /// @param inUse the key in use, if this replica cannot read it
  /// @param newest the newest keys of other replicas that this one cannot read
  record MissingKeys(Optional<String> inUse, List<String> newest) {}

  /// Announces this replica again, and deletes expired rows.
  ///
  /// @param connection in auto-commit mode: two replicas may delete each other's rows
  /// @return the keys that this replica cannot read
  MissingKeys refresh(Connection connection) throws SQLException {
    announce(connection);
    deleteExpired(connection);
    return new MissingKeys(
        PostgresDataKeys.rootKeyEncryptionKeyId(connection, "")
            .filter(key -> keyEncryptionKeys.find(key).isEmpty()),
        findMissing(connection));
  }

  /// The replicas that have announced themselves within the last minute, this one first.
  List<Replica> findAll(Connection connection) throws SQLException {
    String sql =
        """
        SELECT id, address, seen_at FROM replicas WHERE seen_at > now() - INTERVAL '1 minute'
        ORDER BY id <> :id, address, id
        """;
    return new SqlStatement(connection, sql)
        .bind("id", id)
        .all(row -> {
          UUID found = row.uuid("id");
          return new Replica(found, row.text("address"), row.instant("seen_at"), found.equals(id));
        });
  }

  /// The replicas that cannot read the newest key of another replica.
  List<StaleReplica> findStale(Connection connection) throws SQLException {
    String sql =
        """
        SELECT r.address, r.source, array_agg(DISTINCT o.keks[1]) AS missing
        FROM replicas r JOIN replicas o ON o.keks[1] <> ALL (r.keks)
        GROUP BY r.id ORDER BY r.address
        """;
    return new SqlStatement(connection, sql)
        .all(
            row -> new StaleReplica(row.text("address"), row.text("source"), row.texts("missing")));
  }

  /// The newest keys of other replicas that this one cannot read.
  private List<String> findMissing(Connection connection) throws SQLException {
    String sql =
        """
        SELECT DISTINCT keks[1] AS newest FROM replicas WHERE keks[1] <> ALL (:keks)
        ORDER BY newest
        """;
    return new SqlStatement(connection, sql)
        .bindArray("keks", "text", keyEncryptionKeys.ids().toArray())
        .all(row -> row.text("newest"));
  }
}
