package dev.agentlab.vault;

import dev.agentlab.audit.AuditTrail;
import dev.agentlab.database.Database;
import dev.agentlab.database.OutageLog;
import dev.agentlab.errors.UnavailableException;
import dev.agentlab.errors.UnreadableSecretException;
import dev.agentlab.secrets.KeyedHash;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The keys of this service as a runtime system: data keys, which are in the database, wrapped with
/// a key that is not.
///
/// Safe for all threads.
public final class Vault {
  private static final Logger LOG = LoggerFactory.getLogger(Vault.class);

  private static final Duration OTHERS_POLL = Duration.ofMillis(50);
  private static final Duration SOON = Duration.ofSeconds(1);

  private final Database database;
  private final KeyEncryptionKeys ring;
  private final PostgresDataKeys dataKeys;
  private final PostgresRotation rotation;
  private final ReplicaHeartbeat heartbeat;
  private final ConcurrentMap<String, Mac> derived = new ConcurrentHashMap<>();
  private volatile @Nullable SecretKey root;

  /// A vault not yet started.
  ///
  /// @param port that the service listens on, for an operator to tell replicas apart
  public Vault(KeyEncryptionKeySource source, Database database, int port) {
    this.database = database;
    ring = new KeyEncryptionKeys(source);
    dataKeys = new PostgresDataKeys(ring, this::root);
    PostgresReplicas replicas = new PostgresReplicas(ring, port);
    rotation = new PostgresRotation(ring, replicas);
    heartbeat = new ReplicaHeartbeat(database, ring, replicas);
  }

  /// Takes the wrapping keys from where they are, and makes what is missing at the very first
  /// start. The database has started.
  ///
  /// @throws VaultException if the database has data keys under a key that is not here, or a file
  ///   of keys cannot be used; with a message for the operator
  public void start() throws InterruptedException {
    try {
      root = OutageLog.waitOut(this::open);
    } catch (UnreadableSecretException e) {
      throw new VaultException(String.valueOf(e.getMessage()), e);
    }
  }

  private SecretKey open() throws InterruptedException {
    ring.load();
    ring.deleteDrafts();
    // First of all, so that no key is made for a database that has others.
    Set<String> used = database.read(PostgresRotation::used);
    for (String id : used) {
      if (ring.find(id).isEmpty()) {
        throw new VaultException(ring.missing(id));
      }
    }
    SecretKey found = AesGcm.key(rootFoundOrMade());
    String newest = ring.newest().map(KeyEncryptionKey::id).orElse("");
    if (used.stream().anyMatch(id -> !id.equals(newest))) {
      LOG.warn(
          "some secrets are still under an older key than {}; rotate the key to bring them over",
          newest);
    }
    return found;
  }

  private byte[] rootFoundOrMade() throws InterruptedException {
    while (true) {
      Optional<byte[]> key = database.read(dataKeys::root);
      if (key.isEmpty()) {
        key = database.write(dataKeys::makeRoot);
      }
      if (key.isPresent()) {
        return key.get();
      }
      Thread.sleep(OTHERS_POLL);
    }
  }

  /// The keys of rows. Usable once started.
  public PostgresDataKeys dataKeys() {
    return dataKeys;
  }

  /// A keyed hash for one purpose; for the same purpose always the same.
  ///
  /// @param purpose a name that no other use of this has
  public KeyedHash mac(String purpose) {
    return new DerivedHash(
        () -> derived.computeIfAbsent(purpose, it -> DerivedHash.derived(root(), it)));
  }

  /// What tells other replicas which keys can be read here; started and stopped on its own.
  public ReplicaHeartbeat heartbeat() {
    return heartbeat;
  }

  /// What secrets are under now.
  public VaultStatus status() {
    root();
    return database.read(rotation::status);
  }

  /// Wraps all data keys with a new key, or with the one that was configured for that, once every
  /// running replica can read it. All secrets stay readable meanwhile, and rows with secrets are
  /// not touched.
  ///
  /// @param audit where it is recorded when it is done; what cannot be recorded fails, with the
  ///   older keys kept
  /// @throws RotationInProgressException if that is being done already
  /// @throws StaleReplicasException if a replica cannot read the new key; then nothing has changed
  ///   but that the key is there, for the next rotation
  /// @throws VaultException if the key in use is not here, or a file of keys cannot be written
  public RotationResult rotate(AuditTrail audit) {
    root();
    return database.once(connection -> rotation.rotate(connection, audit));
  }

  private SecretKey root() {
    SecretKey key = root;
    if (key == null) {
      throw new UnavailableException(
          "the service is still starting", SOON, new IllegalStateException("the vault is closed"));
    }
    return key;
  }
}
