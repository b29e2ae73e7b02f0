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

  /// Inserts a row, and locks the root key, only if it is wrapped with the expected key-encryption
  /// key.
  private static final String CREATE =
      """
      INSERT INTO data_keys (owner_table, owner_id, kek, wrapped)
      SELECT :table, :id, kek, :wrapped FROM data_keys
      WHERE owner_table = :root_table AND owner_id = :root_id AND kek = :kek
      FOR SHARE
      """;

  private final KeyEncryptionKeys keyEncryptionKeys;

  private final Runnable requireStarted;

  /// @param requireStarted throws until the vault has started
  PostgresDataKeys(KeyEncryptionKeys keyEncryptionKeys, Runnable requireStarted) {
    this.keyEncryptionKeys = keyEncryptionKeys;
    this.requireStarted = requireStarted;
  }

  /// Creates the root key of a database that has none, and returns the data keys of its rows.
  ///
  /// @param connection in a transaction, in which the result is to be used
  /// @throws VaultException as for [Vault#start]
  public static PostgresDataKeys initialize(KeyEncryptionKeySource source, Connection connection)
      throws SQLException {
    KeyEncryptionKeys keyEncryptionKeys = new KeyEncryptionKeys(source);
    keyEncryptionKeys.load();
    PostgresDataKeys dataKeys = new PostgresDataKeys(keyEncryptionKeys, () -> {});
    dataKeys.createRoot(connection);
    return dataKeys;
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

  /// Finds the data key of a row, or creates it. The row must be locked, so that no other
  /// transaction creates a data key for it.
  ///
  /// @param connection in a transaction
  /// @throws UnreadableSecretException if it cannot be unwrapped
  /// @throws dev.agentlab.errors.UnavailableException until the vault has started
  public RowCipher findOrCreate(Connection connection, String table, UUID id) throws SQLException {
    Optional<RowCipher> found = find(connection, table, id);
    return found.isPresent() ? found.get() : create(connection, table, id);
  }

  /// Creates the data key of a row that has none.
  ///
  /// @param connection in a transaction, in which the row is new or locked
  /// @throws UnreadableSecretException if the key-encryption key in use is not available
  /// @throws dev.agentlab.errors.UnavailableException until the vault has started
  public RowCipher create(Connection connection, String table, UUID id) throws SQLException {
    requireStarted.run();
    DataKeyOwner owner = new DataKeyOwner(table, id);
    byte[] key = AesGcm.randomKey();
    Optional<KeyEncryptionKey> newest = keyEncryptionKeys.newest();
    if (newest.isEmpty() || !insertUnderRootKey(connection, owner, newest.get(), key)) {
      insert(connection, owner, lockKeyInUse(connection), key);
    }
    return new RowCipher(owner, key);
  }

  /// Inserts the data key of a row.
  ///
  /// @return false if the root key is not wrapped with the given key-encryption key
  private static boolean insertUnderRootKey(
      Connection connection, DataKeyOwner owner, KeyEncryptionKey key, byte[] dataKey)
      throws SQLException {
    return new SqlStatement(connection, CREATE)
            .bind("table", owner.table())
            .bind("id", owner.id())
            .bind("wrapped", key.wrap(dataKey, owner))
            .bind("root_table", DataKeyOwner.ROOT.table())
            .bind("root_id", DataKeyOwner.ROOT.id())
            .bind("kek", key.id())
            .update()
        == 1;
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
