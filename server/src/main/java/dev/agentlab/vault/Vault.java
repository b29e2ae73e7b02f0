package dev.agentlab.vault;

import dev.agentlab.audit.AuditTrail;
import dev.agentlab.database.Database;
import dev.agentlab.database.OutageRetry;
import dev.agentlab.errors.UnavailableException;
import dev.agentlab.errors.UnreadableSecretException;
import dev.agentlab.secrets.KeyedHash;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The encryption keys of the service: data keys in the database, wrapped with a key-encryption key
/// that is not in the database. Safe for all threads.
public final class Vault {
  private static final Logger LOG = LoggerFactory.getLogger(Vault.class);

  private static final Duration ROOT_KEY_POLL_INTERVAL = Duration.ofMillis(50);
  private static final Duration RETRY_DELAY = Duration.ofSeconds(1);

  private final Database database;
  private final KeyEncryptionKeys keyEncryptionKeys;
  private final PostgresDataKeys dataKeys;
  private final PostgresReplicas replicas;
  private final PostgresKeyRotation rotation;
  private final ReplicaHeartbeat heartbeat;
  private final ConcurrentMap<String, Mac> macs = new ConcurrentHashMap<>();
  private volatile @Nullable SecretKey rootKey;

  /// Creates a vault that is not started yet.
  ///
  /// @param port the port that the service listens on, which identifies the replica to an operator
  public Vault(KeyEncryptionKeySource source, Database database, int port) {
    this.database = database;
    keyEncryptionKeys = new KeyEncryptionKeys(source);
    dataKeys = new PostgresDataKeys(keyEncryptionKeys, this::rootKey);
    replicas = new PostgresReplicas(keyEncryptionKeys, port);
    rotation = new PostgresKeyRotation(keyEncryptionKeys, replicas);
    heartbeat = new ReplicaHeartbeat(database, keyEncryptionKeys, replicas);
  }

  /// Loads the key-encryption keys. Creates the key file and the root key at the first start. The
  /// database must have started.
  ///
  /// @throws VaultException if a key-encryption key in use is not available, or the key file is
  ///   invalid or unreadable; with a message for the operator
  public void start() throws InterruptedException {
    try {
      rootKey = OutageRetry.retryWhileUnavailable(this::loadRootKey);
    } catch (UnreadableSecretException e) {
      throw new VaultException(String.valueOf(e.getMessage()), e);
    }
  }

  private SecretKey loadRootKey() throws InterruptedException {
    keyEncryptionKeys.load();
    keyEncryptionKeys.deleteDrafts();
    // Checked first, so that no key is created for a database that uses another.
    Set<String> used = database.read(PostgresKeyRotation::usedKeyIds);
    for (String id : used) {
      if (keyEncryptionKeys.find(id).isEmpty()) {
        throw new VaultException(keyEncryptionKeys.missingKeyMessage(id));
      }
    }
    SecretKey rootKey = AesGcm.key(findOrCreateRootKey());
    String newest = keyEncryptionKeys.newest().map(KeyEncryptionKey::id).orElse("");
    if (used.stream().anyMatch(id -> !id.equals(newest))) {
      LOG.warn(
          "some data keys are wrapped with an older key-encryption key than {}; rotate the key to rewrap them",
          newest);
    }
    return rootKey;
  }

  private byte[] findOrCreateRootKey() throws InterruptedException {
    while (true) {
      Optional<byte[]> key = database.read(dataKeys::findRoot);
      if (key.isEmpty()) {
        key = database.write(dataKeys::createRoot);
      }
      if (key.isPresent()) {
        return key.get();
      }
      Thread.sleep(ROOT_KEY_POLL_INTERVAL);
    }
  }

  /// The data keys of rows. Usable once the vault has started.
  public PostgresDataKeys dataKeys() {
    return dataKeys;
  }

  /// The keyed hash for one purpose. It is the same for the same purpose.
  ///
  /// @param purpose a unique name of the purpose
  public KeyedHash keyedHash(String purpose) {
    return new HkdfKeyedHash(
        () -> macs.computeIfAbsent(purpose, it -> HkdfKeyedHash.deriveMac(rootKey(), it)));
  }

  /// The heartbeat that announces the keys of this replica to others; started and stopped
  /// separately.
  public ReplicaHeartbeat heartbeat() {
    return heartbeat;
  }

  /// The running replicas, this one first.
  public List<Replica> replicas() {
    return database.read(replicas::findAll);
  }

  /// The present state of encryption.
  public VaultStatus status() {
    rootKey();
    return database.read(rotation::status);
  }

  /// Rewraps all data keys with a new key-encryption key, or with the newest configured one, once
  /// every running replica can read it. All secrets stay readable meanwhile, and rows with secrets
  /// are not changed.
  ///
  /// @param audit records the rotation at its end; if that fails, the rotation fails and the older
  ///   keys are kept
  /// @throws RotationInProgressException if another rotation is running
  /// @throws StaleReplicasException if a replica cannot read the new key; then no data key has
  ///   changed, and the next rotation uses the key that this one added
  /// @throws VaultException if the key-encryption key in use is not available, or the key file
  ///   cannot be written
  public RotationResult rotate(AuditTrail audit) {
    rootKey();
    return database.runOnce(connection -> rotation.rotate(connection, audit));
  }

  private SecretKey rootKey() {
    SecretKey key = rootKey;
    if (key == null) {
      throw new UnavailableException(
          "the service is still starting",
          RETRY_DELAY,
          new IllegalStateException("the vault has not started"));
    }
    return key;
  }
}
