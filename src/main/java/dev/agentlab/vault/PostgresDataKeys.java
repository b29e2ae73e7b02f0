package dev.agentlab.vault;

import dev.agentlab.database.AdvisoryLock;
import dev.agentlab.errors.UnreadableSecretException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The data keys in PostgreSQL, each wrapped: one for each row that has secrets, removed with the
/// row, and one for the service. Safe for all threads.
///
/// A new key is wrapped as the service's own is, which is locked meanwhile. So a rotation that has
/// wrapped that one anew knows that no other can still come under an older key.
public final class PostgresDataKeys {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresDataKeys.class);

  /// How often a row is read again because the key it was under has just been dropped.
  private static final int ATTEMPTS = 3;

  /// Locks the service's own key only if it is wrapped with the expected one.
  private static final String FIND_OR_MAKE =
      """
      WITH found AS (
        SELECT kek, wrapped FROM data_keys WHERE owner_table = ? AND owner_id = ?
      ), made AS (
        INSERT INTO data_keys (owner_table, owner_id, kek, wrapped)
        SELECT ?, ?, kek, ?::bytea FROM data_keys
        WHERE owner_table = ? AND owner_id = ? AND kek = ? AND NOT EXISTS (SELECT FROM found)
        FOR SHARE
        RETURNING kek, wrapped
      )
      SELECT kek, wrapped, false FROM found UNION ALL SELECT kek, wrapped, true FROM made
      """;

  private final KeyEncryptionKeys ring;

  private final Runnable started;

  /// @param started throws while the vault has not started
  PostgresDataKeys(KeyEncryptionKeys ring, Runnable started) {
    this.ring = ring;
    this.started = started;
  }

  /// The data key of a row; empty if it has none.
  ///
  /// @throws UnreadableSecretException if it cannot be unwrapped
  /// @throws dev.agentlab.errors.UnavailableException until the vault has started
  public Optional<RowCipher> find(Connection connection, String table, UUID id)
      throws SQLException {
    started.run();
    DataKeyOwner owner = new DataKeyOwner(table, id);
    return unwrapped(connection, owner).map(key -> new RowCipher(owner, key));
  }

  /// The data key of a row, made if it has none. Nobody else may make one of the same row
  /// meanwhile: the row is new or locked.
  ///
  /// @param connection in a transaction
  /// @throws UnreadableSecretException if it cannot be unwrapped
  /// @throws dev.agentlab.errors.UnavailableException until the vault has started
  public RowCipher findOrMake(Connection connection, String table, UUID id) throws SQLException {
    started.run();
    DataKeyOwner owner = new DataKeyOwner(table, id);
    byte[] fresh = AesGcm.randomKey();
    Optional<KeyEncryptionKey> newest = ring.newest();
    Optional<RowCipher> likely =
        newest.isEmpty()
            ? Optional.empty()
            : foundOrMade(connection, owner, newest.get(), fresh)
                .map(it -> new RowCipher(owner, it));
    Optional<RowCipher> known = likely.isPresent() ? likely : find(connection, table, id);
    if (known.isPresent()) {
      return known.get();
    }
    insert(connection, owner, inUse(connection), fresh);
    return new RowCipher(owner, fresh);
  }

  /// The data key of a row, or a fresh one, which becomes that of the row.
  ///
  /// @return empty if the row has one under a key that is not at hand, or has none and the
  ///   service's own is not wrapped with the given key
  private Optional<byte[]> foundOrMade(
      Connection connection, DataKeyOwner owner, KeyEncryptionKey key, byte[] fresh)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(FIND_OR_MAKE)) {
      statement.setString(1, owner.table());
      statement.setObject(2, owner.id());
      statement.setString(3, owner.table());
      statement.setObject(4, owner.id());
      statement.setBytes(5, key.wrap(fresh, owner));
      statement.setString(6, DataKeyOwner.ROOT.table());
      statement.setObject(7, DataKeyOwner.ROOT.id());
      statement.setString(8, key.id());
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          return Optional.empty();
        }
        if (row.getBoolean(3)) {
          return Optional.of(fresh);
        }
        WrappedDataKey found = new WrappedDataKey(owner, row.getString(1), row.getBytes(2));
        return ring.find(found.wrappedBy()).flatMap(found::unwrapped);
      }
    }
  }

  /// The key from which the service derives others; empty if there is none yet.
  Optional<byte[]> root(Connection connection) throws SQLException {
    return unwrapped(connection, DataKeyOwner.ROOT);
  }

  /// Makes it, wrapped with the newest key, unless it is there by now.
  ///
  /// @param connection in a transaction
  /// @return empty if another replica is about to make it
  Optional<byte[]> makeRoot(Connection connection) throws SQLException {
    if (!AdvisoryLock.ROOT_KEY.takeForTransaction(connection)) {
      return Optional.empty();
    }
    Optional<byte[]> made = root(connection);
    if (made.isPresent()) {
      return made;
    }
    byte[] key = AesGcm.randomKey();
    insert(connection, DataKeyOwner.ROOT, ring.newestOrMade(), key);
    return Optional.of(key);
  }

  private Optional<byte[]> unwrapped(Connection connection, DataKeyOwner owner)
      throws SQLException {
    String missing = "";
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      Optional<WrappedDataKey> row = read(connection, owner);
      if (row.isEmpty()) {
        return Optional.empty();
      }
      Optional<KeyEncryptionKey> key = ring.find(row.get().wrappedBy());
      if (key.isPresent()) {
        return Optional.of(
            row.get()
                .unwrapped(key.get())
                .orElseThrow(() ->
                    new UnreadableSecretException(
                        "the data key of %s %s was changed, or belongs to another row"
                            .formatted(owner.table(), owner.id()))));
      }
      missing = row.get().wrappedBy();
    }
    throw unknown(missing);
  }

  private UnreadableSecretException unknown(String id) {
    LOG.error(ring.missing(id));
    return new UnreadableSecretException(
        "the secret is under the key %s, which this service does not have; its log says what to do"
            .formatted(id));
  }

  private static Optional<WrappedDataKey> read(Connection connection, DataKeyOwner owner)
      throws SQLException {
    String sql = "SELECT kek, wrapped FROM data_keys WHERE owner_table = ? AND owner_id = ?";
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, owner.table());
      statement.setObject(2, owner.id());
      try (ResultSet row = statement.executeQuery()) {
        return row.next()
            ? Optional.of(new WrappedDataKey(owner, row.getString(1), row.getBytes(2)))
            : Optional.empty();
      }
    }
  }

  /// What the service's own data key is wrapped with, until the transaction ends.
  private KeyEncryptionKey inUse(Connection connection) throws SQLException {
    String id =
        rootKey(connection, "FOR SHARE")
            .orElseThrow(() ->
                new VaultException(
                    "the database has lost the service's own data key; start the service again to make"
                        + " another"));
    return ring.find(id).orElseThrow(() -> unknown(id));
  }

  /// The id of the key that the service's own data key is wrapped with; empty if there is none yet.
  ///
  /// @param lock of the row, as SQL has it; none if empty
  static Optional<String> rootKey(Connection connection, String lock) throws SQLException {
    String sql = "SELECT kek FROM data_keys WHERE owner_table = ? AND owner_id = ? " + lock;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, DataKeyOwner.ROOT.table());
      statement.setObject(2, DataKeyOwner.ROOT.id());
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
      }
    }
  }

  /// Requires that the key is here which the service's own data key is wrapped with, if there is
  /// one yet.
  ///
  /// @param lock as for [#rootKey]
  /// @throws VaultException if it is not, with what to do
  static void requireRootKey(Connection connection, KeyEncryptionKeys ring, String lock)
      throws SQLException {
    Optional<String> id = rootKey(connection, lock);
    if (id.isPresent() && ring.find(id.get()).isEmpty()) {
      throw new VaultException(ring.missing(id.get()));
    }
  }

  private static void insert(
      Connection connection, DataKeyOwner owner, KeyEncryptionKey key, byte[] dataKey)
      throws SQLException {
    String sql = "INSERT INTO data_keys (owner_table, owner_id, kek, wrapped) VALUES (?, ?, ?, ?)";
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, owner.table());
      statement.setObject(2, owner.id());
      statement.setString(3, key.id());
      statement.setBytes(4, key.wrap(dataKey, owner));
      statement.executeUpdate();
    }
  }
}
