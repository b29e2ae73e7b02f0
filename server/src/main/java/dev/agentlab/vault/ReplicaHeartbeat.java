package dev.agentlab.vault;

import dev.agentlab.database.Database;
import dev.agentlab.database.OutageRetry;
import dev.agentlab.errors.UnavailableException;
import dev.agentlab.vault.PostgresReplicas.MissingKeys;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Announces every second which key-encryption keys this replica can read, and detects missing
/// keys. Reads the key file again each time. Safe for all threads.
public final class ReplicaHeartbeat {
  private static final Logger LOG = LoggerFactory.getLogger(ReplicaHeartbeat.class);

  private static final Duration INTERVAL = Duration.ofSeconds(1);

  private final Database database;
  private final KeyEncryptionKeys keyEncryptionKeys;
  private final PostgresReplicas replicas;

  private final CountDownLatch stopping = new CountDownLatch(1);

  private final Object lock = new Object();
  private @Nullable Thread thread;

  private volatile MissingKeys missingKeys = new MissingKeys(Optional.empty(), List.of());

  /// The last failure that was logged. Confined to the background thread.
  private String lastFailure = "";

  ReplicaHeartbeat(
      Database database, KeyEncryptionKeys keyEncryptionKeys, PostgresReplicas replicas) {
    this.database = database;
    this.keyEncryptionKeys = keyEncryptionKeys;
    this.replicas = replicas;
  }

  /// Announces this replica and starts the background thread. The vault must have started.
  ///
  /// @throws VaultException if a rotation since then changed to a key-encryption key that is not
  ///   available
  public void start() throws InterruptedException {
    OutageRetry.retryWhileUnavailable(() ->
        database.write(connection -> {
          replicas.register(connection);
          return true;
        }));
    synchronized (lock) {
      thread = Thread.ofVirtual().name("replica-heartbeat").start(this::run);
    }
  }

  /// Stops the background thread and unregisters this replica, so that rotations do not wait for
  /// it.
  ///
  /// @param timeout the longest time to wait
  public void stop(Duration timeout) throws InterruptedException {
    Thread running;
    synchronized (lock) {
      running = thread;
    }
    if (running != null) {
      // An interrupt would break the connection in use.
      stopping.countDown();
      running.join(timeout);
    }
  }

  /// Why this replica cannot decrypt stored secrets, known about a second late. Empty if it can.
  public Optional<String> unreadyReason() {
    return missingKeys
        .inUse()
        .map(key ->
            "the stored secrets are encrypted under the key-encryption key %s, which this replica cannot read; see its log for a remedy"
                .formatted(key));
  }

  /// The message that a rotation waits for this replica, which otherwise works. Empty if none
  /// waits.
  public Optional<String> rotationNotice() {
    List<String> missing = missingKeys.newest();
    return missing.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "this replica cannot read the new key-encryption key %s; `agent-lab secrets rotate` waits for it"
                .formatted(String.join(", ", missing)));
  }

  private void run() {
    try {
      do {
        attempt(this::refresh);
      } while (!stopping.await(INTERVAL.toMillis(), TimeUnit.MILLISECONDS));
      attempt(() -> database.runOnce(replicas::unregister));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /// A failure of any kind must not end the thread: the next heartbeat may succeed.
  private void attempt(Runnable work) {
    try {
      work.run();
      lastFailure = "";
    } catch (UnavailableException _) {
      // Readiness reports a database outage.
    } catch (Throwable e) {
      String reason = String.valueOf(e.getMessage());
      if (!reason.equals(lastFailure)) {
        lastFailure = reason;
        LOG.error("cannot announce the keys of this replica: {}", reason);
      }
    }
  }

  /// Loads the keys and announces this replica once.
  ///
  /// @throws VaultException if the key file is invalid or unreadable; then the replica is announced
  ///   with the keys loaded before
  void refresh() {
    try {
      keyEncryptionKeys.load();
    } finally {
      announce();
    }
  }

  private void announce() {
    MissingKeys now = database.runOnce(replicas::refresh);
    MissingKeys before = missingKeys;
    missingKeys = now;
    if (!now.inUse().equals(before.inUse())) {
      now.inUse().ifPresent(key -> LOG.error(keyEncryptionKeys.missingKeyMessage(key)));
    }
    if (!now.newest().equals(before.newest())) {
      rotationNotice().ifPresent(LOG::warn);
    }
  }
}
