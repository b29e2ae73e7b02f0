package dev.agentlab.vault;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
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
        INSERT INTO replicas (id, address, source, keks) VALUES (?,
          CASE family(inet_client_addr()) WHEN 4 THEN host(inet_client_addr())
            WHEN 6 THEN '[' || host(inet_client_addr()) || ']' ELSE 'localhost' END || ':' || ?, ?, ?)
        ON CONFLICT (id) DO UPDATE
        SET address = excluded.address, keks = excluded.keks, seen_at = excluded.seen_at
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setObject(1, id);
      statement.setString(2, Integer.toString(port));
      statement.setString(3, keyEncryptionKeys.sourceName());
      statement.setArray(4, connection.createArrayOf("text", keyEncryptionKeys.ids().toArray()));
      statement.executeUpdate();
    }
  }

  /// Deletes the rows of replicas that have not announced themselves for a minute.
  void deleteExpired(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate("DELETE FROM replicas WHERE seen_at < now() - INTERVAL '1 minute'");
    }
  }

  /// Deletes the row of this replica.
  boolean unregister(Connection connection) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("DELETE FROM replicas WHERE id = ?")) {
      statement.setObject(1, id);
      return statement.executeUpdate() > 0;
    }
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

  /// The replicas that cannot read the newest key of another replica.
  List<StaleReplica> findStale(Connection connection) throws SQLException {
    String sql =
        """
        SELECT r.address, r.source, array_agg(DISTINCT o.keks[1])
        FROM replicas r JOIN replicas o ON o.keks[1] <> ALL (r.keks)
        GROUP BY r.id ORDER BY r.address
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql);
        ResultSet rows = statement.executeQuery()) {
      List<StaleReplica> stale = new ArrayList<>();
      while (rows.next()) {
        stale.add(new StaleReplica(rows.getString(1), rows.getString(2), texts(rows.getArray(3))));
      }
      return stale;
    }
  }

  /// The newest keys of other replicas that this one cannot read.
  private List<String> findMissing(Connection connection) throws SQLException {
    String sql = "SELECT DISTINCT keks[1] FROM replicas WHERE keks[1] <> ALL (?) ORDER BY 1";
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setArray(1, connection.createArrayOf("text", keyEncryptionKeys.ids().toArray()));
      try (ResultSet rows = statement.executeQuery()) {
        List<String> missing = new ArrayList<>();
        while (rows.next()) {
          missing.add(rows.getString(1));
        }
        return missing;
      }
    }
  }

  private static List<String> texts(Array array) throws SQLException {
    return Arrays.asList((String[]) array.getArray());
  }
}
