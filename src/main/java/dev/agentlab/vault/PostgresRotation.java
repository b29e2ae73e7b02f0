package dev.agentlab.vault;

import dev.agentlab.audit.AuditEntry;
import dev.agentlab.audit.AuditTrail;
import dev.agentlab.database.AdvisoryLock;
import dev.agentlab.database.Transactions;
import dev.agentlab.json.Json;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Rewraps all data keys with a new key-encryption key while the service runs. Rows with secrets
/// are not changed.
final class PostgresRotation {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresRotation.class);

  private static final int BATCH = 500;

  private static final Duration READERS_LIMIT = Duration.ofSeconds(10);
  private static final Duration READERS_POLL = Duration.ofMillis(100);

  private static final AuditEntry.Resource RESOURCE =
      new AuditEntry.Resource("secrets", "wrapping-key", "key-encryption key");

  private final KeyEncryptionKeys ring;
  private final PostgresReplicas replicas;

  PostgresRotation(KeyEncryptionKeys keyEncryptionKeys, PostgresReplicas replicas) {
    this.ring = keyEncryptionKeys;
    this.replicas = replicas;
  }

  /// Rewraps all data keys with a new key-encryption key once every replica can read it, or with
  /// the newest key if an earlier rotation to it was not finished.
  ///
  /// @param connection in auto-commit mode; taken from the pool for the whole rotation
  /// @param audit records the rotation after the last data key is rewrapped and before an older key
  ///   is dropped
  /// @throws RotationInProgressException if another rotation is running
  /// @throws StaleReplicasException if a replica cannot read the key; then no data key has changed
  RotationResult rotate(Connection connection, AuditTrail audit) throws SQLException {
    if (!AdvisoryLock.ROTATION.take(connection)) {
      throw new RotationInProgressException();
    }
    try {
      ring.load();
      PostgresDataKeys.requireRootKey(connection, ring, "");
      if (!isUnfinished(connection)) {
        ring.addNewest();
      }
      KeyEncryptionKey next = ring.newest().orElseThrow();
      replicas.announce(connection);
      replicas.deleteExpired(connection);
      awaitReaders(connection);
      List<String> before = used(connection).stream().sorted().toList();
      long rewrapped = Transactions.in(connection, it -> rewrapRoot(it, next));
      List<WrappedDataKey> batch = outdated(connection, next, DataKeyOwner.FIRST);
      while (!batch.isEmpty()) {
        rewrapped += rewrap(connection, batch, next);
        batch = outdated(connection, next, batch.getLast().owner());
      }
      List<String> unused = ring.unused(used(connection));
      RotationResult result = new RotationResult(next.id(), rewrapped, unused);
      record(connection, audit, before, result);
      ring.drop(unused);
      LOG.atInfo()
          .addKeyValue("key", next)
          .addKeyValue("rewrapped", rewrapped)
          .addKeyValue("unused_keys", unused)
          .log("key-encryption key rotated");
      return result;
    } finally {
      AdvisoryLock.ROTATION.giveBack(connection);
    }
  }

  /// Whether the newest key has not yet replaced all others: a data key can be rewrapped with it,
  /// or an older key can be dropped.
  private boolean isUnfinished(Connection connection) throws SQLException {
    if (!ring.unused(used(connection)).isEmpty()) {
      return true;
    }
    KeyEncryptionKey newest = ring.newest().orElseThrow();
    List<WrappedDataKey> batch = outdated(connection, newest, DataKeyOwner.FIRST);
    while (!batch.isEmpty()) {
      if (batch.stream().anyMatch(row -> dataKey(row).isPresent())) {
        return true;
      }
      batch = outdated(connection, newest, batch.getLast().owner());
    }
    return false;
  }

  /// Waits until the replicas that share a key file have read the new key there. Replicas without a
  /// key file read new keys only at a restart.
  private void awaitReaders(Connection connection) throws SQLException {
    long deadline = System.nanoTime() + READERS_LIMIT.toNanos();
    try {
      while (System.nanoTime() < deadline && someHaveFiles(replicas.stale(connection))) {
        Thread.sleep(READERS_POLL);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean someHaveFiles(List<StaleReplica> stale) {
    return stale.stream().anyMatch(it -> it.source().equals(KeyEncryptionKeys.FILE));
  }

  /// Rewraps the root key first, because new data keys are wrapped with the same key as the root
  /// key. Checks here whether every replica can read the new key, because a starting replica locks
  /// the row of the root key.
  ///
  /// @param connection in a transaction
  private long rewrapRoot(Connection connection, KeyEncryptionKey next) throws SQLException {
    long rewrapped = rewrap(connection, root(connection, next), next);
    List<StaleReplica> stale = replicas.stale(connection);
    if (!stale.isEmpty()) {
      throw new StaleReplicasException(stale);
    }
    return rewrapped;
  }

  private static void record(
      Connection connection, AuditTrail audit, List<String> before, RotationResult result)
      throws SQLException {
    AuditEntry entry =
        AuditEntry.changed(
            "rotated",
            RESOURCE,
            Json.MAPPER.valueToTree(Map.of("keys", before)),
            Json.MAPPER.valueToTree(result));
    Transactions.in(
        connection,
        it -> {
          audit.record(it, entry);
          return entry;
        });
  }

  /// The ids of the key-encryption keys that data keys are wrapped with.
  static Set<String> used(Connection connection) throws SQLException {
    try (PreparedStatement statement =
            connection.prepareStatement("SELECT DISTINCT kek FROM data_keys");
        ResultSet rows = statement.executeQuery()) {
      Set<String> used = new HashSet<>();
      while (rows.next()) {
        used.add(rows.getString(1));
      }
      return used;
    }
  }

  VaultStatus status(Connection connection) throws SQLException {
    ring.load();
    String newest = ring.newest().map(KeyEncryptionKey::id).orElse("");
    String sql = "SELECT count(*), count(*) FILTER (WHERE kek <> ?) FROM data_keys";
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, newest);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return new VaultStatus(
            newest, ring.origin(), row.getLong(1), row.getLong(2), replicas.stale(connection));
      }
    }
  }

  private Optional<byte[]> dataKey(WrappedDataKey row) {
    return ring.find(row.wrappedBy()).flatMap(row::unwrapped);
  }

  private long rewrap(Connection connection, List<WrappedDataKey> rows, KeyEncryptionKey next)
      throws SQLException {
    // Skips a row that another rotation changed after this one lost its connection and its lock.
    String sql =
        """
        UPDATE data_keys SET kek = ?, wrapped = ?
        WHERE owner_table = ? AND owner_id = ? AND kek = ?
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (WrappedDataKey row : rows) {
        Optional<byte[]> dataKey = dataKey(row);
        if (dataKey.isEmpty()) {
          LOG.warn(
              "the data key of {} {} cannot be unwrapped with the key-encryption key {} and was not rewrapped",
              row.owner().table(),
              row.owner().id(),
              row.wrappedBy());
          continue;
        }
        statement.setString(1, next.id());
        statement.setBytes(2, next.wrap(dataKey.get(), row.owner()));
        statement.setString(3, row.owner().table());
        statement.setObject(4, row.owner().id());
        statement.setString(5, row.wrappedBy());
        statement.addBatch();
      }
      long changed = 0;
      for (int count : statement.executeBatch()) {
        changed += count;
      }
      return changed;
    }
  }

  private static List<WrappedDataKey> root(Connection connection, KeyEncryptionKey next)
      throws SQLException {
    String sql =
        """
        SELECT owner_table, owner_id, kek, wrapped FROM data_keys
        WHERE owner_table = ? AND owner_id = ? AND kek <> ?
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, DataKeyOwner.ROOT.table());
      statement.setObject(2, DataKeyOwner.ROOT.id());
      statement.setString(3, next.id());
      return rows(statement);
    }
  }

  private static List<WrappedDataKey> outdated(
      Connection connection, KeyEncryptionKey next, DataKeyOwner after) throws SQLException {
    String sql =
        """
        SELECT owner_table, owner_id, kek, wrapped FROM data_keys
        WHERE (owner_table, owner_id) > (?, ?) AND kek <> ?
        ORDER BY owner_table, owner_id LIMIT ?
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, after.table());
      statement.setObject(2, after.id());
      statement.setString(3, next.id());
      statement.setInt(4, BATCH);
      return rows(statement);
    }
  }

  private static List<WrappedDataKey> rows(PreparedStatement statement) throws SQLException {
    try (ResultSet rows = statement.executeQuery()) {
      List<WrappedDataKey> found = new ArrayList<>();
      while (rows.next()) {
        found.add(
            new WrappedDataKey(
                new DataKeyOwner(rows.getString(1), rows.getObject(2, UUID.class)),
                rows.getString(3),
                rows.getBytes(4)));
      }
      return found;
    }
  }
}
