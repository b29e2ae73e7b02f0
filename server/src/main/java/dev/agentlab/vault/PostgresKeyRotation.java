package dev.agentlab.vault;

import dev.agentlab.audit.AuditEntry;
import dev.agentlab.audit.AuditTrail;
import dev.agentlab.audit.ResourceState;
import dev.agentlab.database.AdvisoryLock;
import dev.agentlab.database.Row;
import dev.agentlab.database.SqlStatement;
import dev.agentlab.database.Transactions;
import dev.agentlab.json.Json;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Rewraps all data keys with a new key-encryption key while the service runs. Rows with secrets
/// are not changed.
final class PostgresKeyRotation {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresKeyRotation.class);

  private static final int BATCH_SIZE = 500;

  private static final Duration REPLICAS_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration POLL_INTERVAL = Duration.ofMillis(100);

  private static final AuditEntry.Resource RESOURCE =
      new AuditEntry.Resource("secrets", "wrapping-key", "key-encryption key");

  private final KeyEncryptionKeys keyEncryptionKeys;
  private final PostgresReplicas replicas;

  PostgresKeyRotation(KeyEncryptionKeys keyEncryptionKeys, PostgresReplicas replicas) {
    this.keyEncryptionKeys = keyEncryptionKeys;
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
    if (!AdvisoryLock.ROTATION.tryAcquire(connection)) {
      throw new RotationInProgressException();
    }
    try {
      keyEncryptionKeys.load();
      PostgresDataKeys.requireRootKeyEncryptionKey(connection, keyEncryptionKeys, "");
      if (!isUnfinished(connection)) {
        keyEncryptionKeys.addNewKey();
      }
      KeyEncryptionKey next = keyEncryptionKeys.newest().orElseThrow();
      replicas.announce(connection);
      replicas.deleteExpired(connection);
      awaitReplicas(connection);
      List<String> before = usedKeyIds(connection).stream().sorted().toList();
      long rewrapped = Transactions.run(connection, it -> rewrapRoot(it, next));
      List<WrappedDataKey> batch = findOutdated(connection, next, DataKeyOwner.FIRST);
      while (!batch.isEmpty()) {
        rewrapped += rewrap(connection, batch, next);
        batch = findOutdated(connection, next, batch.getLast().owner());
      }
      List<String> unused = keyEncryptionKeys.unusedIds(usedKeyIds(connection));
      RotationResult result = new RotationResult(next.id(), rewrapped, unused);
      record(connection, audit, before, result);
      keyEncryptionKeys.remove(unused);
      LOG.atInfo()
          .addKeyValue("key", next)
          .addKeyValue("rewrapped", rewrapped)
          .addKeyValue("unused_keys", unused)
          .log("key-encryption key rotated");
      return result;
    } finally {
      AdvisoryLock.ROTATION.release(connection);
    }
  }

  /// Whether the newest key has not yet replaced all others: a data key can be rewrapped with it,
  /// or an older key can be dropped.
  private boolean isUnfinished(Connection connection) throws SQLException {
    if (!keyEncryptionKeys.unusedIds(usedKeyIds(connection)).isEmpty()) {
      return true;
    }
    KeyEncryptionKey newest = keyEncryptionKeys.newest().orElseThrow();
    List<WrappedDataKey> batch = findOutdated(connection, newest, DataKeyOwner.FIRST);
    while (!batch.isEmpty()) {
      if (batch.stream().anyMatch(row -> unwrap(row).isPresent())) {
        return true;
      }
      batch = findOutdated(connection, newest, batch.getLast().owner());
    }
    return false;
  }

  /// Waits until the replicas that share a key file have read the new key there. Replicas without a
  /// key file read new keys only at a restart.
  private void awaitReplicas(Connection connection) throws SQLException {
    long deadline = System.nanoTime() + REPLICAS_TIMEOUT.toNanos();
    try {
      while (System.nanoTime() < deadline && anyUsesKeyFile(replicas.findStale(connection))) {
        Thread.sleep(POLL_INTERVAL);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean anyUsesKeyFile(List<StaleReplica> stale) {
    return stale.stream().anyMatch(it -> it.source().equals(KeyEncryptionKeys.FILE_SOURCE));
  }

  /// Rewraps the root key first, because new data keys are wrapped with the same key as the root
  /// key. Checks here whether every replica can read the new key, because a starting replica locks
  /// the row of the root key.
  ///
  /// @param connection in a transaction
  private long rewrapRoot(Connection connection, KeyEncryptionKey next) throws SQLException {
    long rewrapped = rewrap(connection, findOutdatedRoot(connection, next), next);
    List<StaleReplica> stale = replicas.findStale(connection);
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
            ResourceState.of(Json.MAPPER.valueToTree(Map.of("keys", before))),
            ResourceState.of(Json.MAPPER.valueToTree(result)));
    Transactions.run(
        connection,
        it -> {
          audit.record(it, entry);
          return entry;
        });
  }

  /// The ids of the key-encryption keys that data keys are wrapped with.
  static Set<String> usedKeyIds(Connection connection) throws SQLException {
    return Set.copyOf(
        new SqlStatement(connection, "SELECT DISTINCT kek FROM data_keys")
            .all(row -> row.text("kek")));
  }

  VaultStatus status(Connection connection) throws SQLException {
    keyEncryptionKeys.load();
    String newest = keyEncryptionKeys.newest().map(KeyEncryptionKey::id).orElse("");
    List<StaleReplica> stale = replicas.findStale(connection);
    String sql =
        """
        SELECT count(*) AS data_keys, count(*) FILTER (WHERE kek <> :newest) AS outdated
        FROM data_keys
        """;
    return new SqlStatement(connection, sql)
        .bind("newest", newest)
        .one(row ->
            new VaultStatus(
                newest,
                keyEncryptionKeys.sourceName(),
                row.number("data_keys"),
                row.number("outdated"),
                stale));
  }

  private Optional<byte[]> unwrap(WrappedDataKey row) {
    return keyEncryptionKeys.find(row.keyEncryptionKeyId()).flatMap(row::unwrap);
  }

  private long rewrap(Connection connection, List<WrappedDataKey> rows, KeyEncryptionKey next)
      throws SQLException {
    List<WrappedDataKey> outdated = new ArrayList<>();
    List<byte[]> rewrapped = new ArrayList<>();
    for (WrappedDataKey row : rows) {
      Optional<byte[]> dataKey = unwrap(row);
      if (dataKey.isPresent()) {
        outdated.add(row);
        rewrapped.add(next.wrap(dataKey.get(), row.owner()));
      } else {
        LOG.warn(
            "the data key of {} {} cannot be unwrapped with the key-encryption key {} and was not rewrapped",
            row.owner().table(),
            row.owner().id(),
            row.keyEncryptionKeyId());
      }
    }
    // Skips a row that another rotation changed after this one lost its connection and its lock.
    String sql =
        """
        UPDATE data_keys SET kek = :next, wrapped = rewrapped.wrapped
        FROM unnest(:tables::text[], :ids::uuid[], :keks::text[], :wrapped::bytea[])
          AS rewrapped (owner_table, owner_id, kek, wrapped)
        WHERE data_keys.owner_table = rewrapped.owner_table
          AND data_keys.owner_id = rewrapped.owner_id AND data_keys.kek = rewrapped.kek
        """;
    return new SqlStatement(connection, sql)
        .bind("next", next.id())
        .bindArray("tables", "text", outdated.stream().map(it -> it.owner().table()).toArray())
        .bindArray("ids", "uuid", outdated.stream().map(it -> it.owner().id()).toArray())
        .bindArray(
            "keks", "text", outdated.stream().map(WrappedDataKey::keyEncryptionKeyId).toArray())
        .bindArray("wrapped", "bytea", rewrapped.toArray(byte[][]::new))
        .update();
  }

  private static List<WrappedDataKey> findOutdatedRoot(Connection connection, KeyEncryptionKey next)
      throws SQLException {
    String sql =
        """
        SELECT owner_table, owner_id, kek, wrapped FROM data_keys
        WHERE owner_table = :table AND owner_id = :id AND kek <> :next
        """;
    return new SqlStatement(connection, sql)
        .bind("table", DataKeyOwner.ROOT.table())
        .bind("id", DataKeyOwner.ROOT.id())
        .bind("next", next.id())
        .all(PostgresKeyRotation::read);
  }

  private static List<WrappedDataKey> findOutdated(
      Connection connection, KeyEncryptionKey next, DataKeyOwner after) throws SQLException {
    String sql =
        """
        SELECT owner_table, owner_id, kek, wrapped FROM data_keys
        WHERE (owner_table, owner_id) > (:table, :id) AND kek <> :next
        ORDER BY owner_table, owner_id LIMIT :limit
        """;
    return new SqlStatement(connection, sql)
        .bind("table", after.table())
        .bind("id", after.id())
        .bind("next", next.id())
        .bind("limit", BATCH_SIZE)
        .all(PostgresKeyRotation::read);
  }

  private static WrappedDataKey read(Row row) throws SQLException {
    return new WrappedDataKey(
        new DataKeyOwner(row.text("owner_table"), row.uuid("owner_id")),
        row.text("kek"),
        row.bytes("wrapped"));
  }
}
