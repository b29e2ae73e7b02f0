package dev.agentlab.vault;

import dev.agentlab.database.AdvisoryLock;
import dev.agentlab.database.SqlStatement;
import dev.agentlab.errors.UnreadableSecretException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The wrapped data keys in PostgreSQL: one for each row with secrets, deleted with the row, and
/// the root key of the service. Safe for all threads.
///
/// A new data key is wrapped with the same key-encryption key as the root key, whose row is locked
/// meanwhile. Once a rotation has rewrapped the root key, no data key can be added under an older
/// key-encryption key.
public final class PostgresDataKeys {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresDataKeys.class);

  /// A concurrent rotation may drop the key-encryption key between reading a row and finding the
  /// key.
  private static final int MAX_ATTEMPTS = 3;

  /// Locks the root key only if it is wrapped with the expected key-encryption key.
  private static final String FIND_OR_CREATE =
      """
      WITH found AS (
        SELECT kek, wrapped FROM data_keys WHERE owner_table = :table AND owner_id = :id
      ), made AS (
        INSERT INTO data_keys (owner_table, owner_id, kek, wrapped)
        SELECT :table, :id, kek, :wrapped::bytea FROM data_keys
        WHERE owner_table = :root_table AND owner_id = :root_id AND kek = :kek AND NOT EXISTS (SELECT FROM found)
        FOR SHARE
        RETURNING kek, wrapped
      )
      SELECT kek, wrapped, false AS is_new FROM found
      UNION ALL SELECT kek, wrapped, true FROM made
      """;

  private final KeyEncryptionKeys keyEncryptionKeys;

  private final Runnable requireStarted;

  /// @param requireStarted throws until the vault has started
  PostgresDataKeys(KeyEncryptionKeys keyEncryptionKeys, Runnable requireStarted) {
    this.keyEncryptionKeys = keyEncryptionKeys;
    this.requireStarted = requireStarted;
  }

  /// Finds the data key of a row. Empty if the row has none.
  ///
  /// @throws UnreadableSecretException if it cannot be unwrapped
  /// @throws dev.agentlab.errors.UnavailableException until the vault has started
  public Optional<RowCipher> find(Connection connection, String table, UUID id)
      throws SQLException {
    requireStarted.run();
    DataKeyOwner owner = new DataKeyOwner(table, id);
    return findUnwrapped(connection, owner).map(key -> new RowCipher(owner, key));
  }

  /// Finds the data key of a row, or creates it. The row must be new or locked, so that no other
  /// transaction creates a data key for it.
  ///
  /// @param connection in a transaction
  /// @throws UnreadableSecretException if it cannot be unwrapped
  /// @throws dev.agentlab.errors.UnavailableException until the vault has started
  public RowCipher findOrCreate(Connection connection, String table, UUID id) throws SQLException {
    requireStarted.run();
    DataKeyOwner owner = new DataKeyOwner(table, id);
    byte[] fresh = AesGcm.randomKey();
    Optional<KeyEncryptionKey> newest = keyEncryptionKeys.newest();
    Optional<RowCipher> first =
        newest.isEmpty()
            ? Optional.empty()
            : findOrInsert(connection, owner, newest.get(), fresh)
                .map(it -> new RowCipher(owner, it));
    Optional<RowCipher> found = first.isPresent() ? first : find(connection, table, id);
    if (found.isPresent()) {
      return found.get();
    }
    insert(connection, owner, lockKeyInUse(connection), fresh);
    return new RowCipher(owner, fresh);
  }

  /// Finds the data key of a row, or inserts the fresh one as its data key.
  ///
  /// @return empty if the key-encryption key of the row's data key is not available, or if the row
  ///   has no data key and the root key is not wrapped with the given key-encryption key
  private Optional<byte[]> findOrInsert(
      Connection connection, DataKeyOwner owner, KeyEncryptionKey key, byte[] fresh)
      throws SQLException {
    return new SqlStatement(connection, FIND_OR_CREATE)
        .bind("table", owner.table())
        .bind("id", owner.id())
        .bind("wrapped", key.wrap(fresh, owner))
        .bind("root_table", DataKeyOwner.ROOT.table())
        .bind("root_id", DataKeyOwner.ROOT.id())
        .bind("kek", key.id())
        .first(row -> {
          if (row.bool("is_new")) {
            return Optional.of(fresh);
          }
          WrappedDataKey found = new WrappedDataKey(owner, row.text("kek"), row.bytes("wrapped"));
          return keyEncryptionKeys.find(found.keyEncryptionKeyId()).flatMap(found::unwrap);
        })
        .flatMap(it -> it);
  }

  /// Finds the root key, from which the service derives other keys. Empty if there is none yet.
  Optional<byte[]> findRoot(Connection connection) throws SQLException {
    return findUnwrapped(connection, DataKeyOwner.ROOT);
  }

  /// Creates the root key, wrapped with the newest key-encryption key, unless it exists by now.
  ///
  /// @param connection in a transaction
  /// @return empty if another replica is creating it
  Optional<byte[]> createRoot(Connection connection) throws SQLException {
    if (!AdvisoryLock.ROOT_KEY.tryAcquireForTransaction(connection)) {
      return Optional.empty();
    }
    Optional<byte[]> existing = findRoot(connection);
    if (existing.isPresent()) {
      return existing;
    }
    byte[] key = AesGcm.randomKey();
    insert(connection, DataKeyOwner.ROOT, keyEncryptionKeys.newestOrCreate(), key);
    return Optional.of(key);
  }

  private Optional<byte[]> findUnwrapped(Connection connection, DataKeyOwner owner)
      throws SQLException {
    String missing = "";
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      Optional<WrappedDataKey> row = read(connection, owner);
      if (row.isEmpty()) {
        return Optional.empty();
      }
      Optional<KeyEncryptionKey> key = keyEncryptionKeys.find(row.get().keyEncryptionKeyId());
      if (key.isPresent()) {
        return Optional.of(
            row.get()
                .unwrap(key.get())
                .orElseThrow(() ->
                    new UnreadableSecretException(
                        "the data key of %s %s was modified, or belongs to another row"
                            .formatted(owner.table(), owner.id()))));
      }
      missing = row.get().keyEncryptionKeyId();
    }
    throw missingKey(missing);
  }

  private UnreadableSecretException missingKey(String id) {
    LOG.error(keyEncryptionKeys.missingKeyMessage(id));
    return new UnreadableSecretException(
        "the secret is encrypted under the key-encryption key %s, which this service does not have; see its log for a remedy"
            .formatted(id));
  }

  private static Optional<WrappedDataKey> read(Connection connection, DataKeyOwner owner)
      throws SQLException {
    String sql = "SELECT kek, wrapped FROM data_keys WHERE owner_table = :table AND owner_id = :id";
    return new SqlStatement(connection, sql)
        .bind("table", owner.table())
        .bind("id", owner.id())
        .first(row -> new WrappedDataKey(owner, row.text("kek"), row.bytes("wrapped")));
  }

  /// The key-encryption key of the root key, locked until the transaction ends.
  private KeyEncryptionKey lockKeyInUse(Connection connection) throws SQLException {
    String id =
        rootKeyEncryptionKeyId(connection, "FOR SHARE")
            .orElseThrow(() ->
                new VaultException(
                    "the root key is missing in the database; restart the service to create"
                        + " another"));
    return keyEncryptionKeys.find(id).orElseThrow(() -> missingKey(id));
  }

  /// The id of the key-encryption key that the root key is wrapped with. Empty if there is no root
  /// key yet.
  ///
  /// @param lock the SQL locking clause for the row; empty for none
  static Optional<String> rootKeyEncryptionKeyId(Connection connection, String lock)
      throws SQLException {
    String sql = "SELECT kek FROM data_keys WHERE owner_table = :table AND owner_id = :id " + lock;
    return new SqlStatement(connection, sql)
        .bind("table", DataKeyOwner.ROOT.table())
        .bind("id", DataKeyOwner.ROOT.id())
        .first(row -> row.text("kek"));
  }

  /// Requires that the key-encryption key of the root key is available, if there is a root key yet.
  ///
  /// @param lock as for [#rootKeyEncryptionKeyId]
  /// @throws VaultException if it is not, with a remedy
  static void requireRootKeyEncryptionKey(
      Connection connection, KeyEncryptionKeys keyEncryptionKeys, String lock) throws SQLException {
    Optional<String> id = rootKeyEncryptionKeyId(connection, lock);
    if (id.isPresent() && keyEncryptionKeys.find(id.get()).isEmpty()) {
      throw new VaultException(keyEncryptionKeys.missingKeyMessage(id.get()));
    }
  }

  private static void insert(
      Connection connection, DataKeyOwner owner, KeyEncryptionKey key, byte[] dataKey)
      throws SQLException {
    String sql =
        """
        INSERT INTO data_keys (owner_table, owner_id, kek, wrapped)
        VALUES (:table, :id, :kek, :wrapped)
        """;
    new SqlStatement(connection, sql)
        .bind("table", owner.table())
        .bind("id", owner.id())
        .bind("kek", key.id())
        .bind("wrapped", key.wrap(dataKey, owner))
        .update();
  }
}
