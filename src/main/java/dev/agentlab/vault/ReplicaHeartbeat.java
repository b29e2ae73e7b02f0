package dev.agentlab.vault;

import dev.agentlab.database.Database;
import dev.agentlab.database.OutageLog;
import dev.agentlab.errors.UnavailableException;
import dev.agentlab.vault.PostgresReplicas.Lack;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Announces to the other replicas, every second, which key-encryption keys this one can read, and
/// notices when it lacks one. Keys in a file are read again each time. Safe for all threads.
public final class ReplicaHeartbeat {
  private static final Logger LOG = LoggerFactory.getLogger(ReplicaHeartbeat.class);

  private static final Duration INTERVAL = Duration.ofSeconds(1);

  private final Database database;
  private final KeyEncryptionKeys ring;
  private final PostgresReplicas replicas;

  private final CountDownLatch stopping = new CountDownLatch(1);

  private final Object lock = new Object();
  private @Nullable Thread thread;

  private volatile Lack lack = new Lack(Optional.empty(), List.of());

  /// The last failure in the log; only touched by the thread.
  private String failure = "";

  ReplicaHeartbeat(Database database, KeyEncryptionKeys ring, PostgresReplicas replicas) {
    this.database = database;
    this.ring = ring;
    this.replicas = replicas;
  }

  /// Announces this replica, and goes on in the background. The vault has started.
  ///
  /// @throws VaultException if the secrets were brought under a key meanwhile that is not here
  public void start() throws InterruptedException {
    OutageLog.waitOut(() ->
        database.write(connection -> {
          replicas.join(connection);
          return true;
        }));
    synchronized (lock) {
      thread = Thread.ofVirtual().name("replica-heartbeat").start(this::run);
    }
  }

  /// Ends, and no rotation waits for this replica any more.
  ///
  /// @param remaining how long that may take
  public void stop(Duration remaining) throws InterruptedException {
    Thread running;
    synchronized (lock) {
      running = thread;
    }
    if (running != null) {
      // Not an interrupt, which would break the connection in use.
      stopping.countDown();
      running.join(remaining);
    }
  }

  /// Why stored secrets cannot be read here, as known for about a second; empty if they can.
  public Optional<String> unreadyReason() {
    return lack.lost()
        .map(key ->
            "the stored secrets are under the key-encryption key %s, which this replica cannot read; its log says what to do"
                .formatted(key));
  }

  /// That a rotation waits for this replica, which otherwise works; empty if none does.
  public Optional<String> notice() {
    List<String> missing = lack.missing();
    return missing.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "this replica cannot read the new key-encryption key %s; `agent-lab secrets rotate` waits for it"
                .formatted(String.join(", ", missing)));
  }

  private void run() {
    try {
      do {
        attempt(this::beat);
      } while (!stopping.await(INTERVAL.toMillis(), TimeUnit.MILLISECONDS));
      attempt(() -> database.once(replicas::leave));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /// Whatever fails, the next time is worth another try.
  private void attempt(Runnable work) {
    try {
      work.run();
      failure = "";
    } catch (UnavailableException _) {
      // Readiness reports the database.
    } catch (Throwable e) {
      String reason = String.valueOf(e.getMessage());
      if (!reason.equals(failure)) {
        failure = reason;
        LOG.error("the keys of this replica cannot be announced: {}", reason);
      }
    }
  }

  /// Announces this replica once.
  ///
  /// @throws VaultException if its file cannot be used; then it is announced with the keys it had
  void beat() {
    try {
      ring.load();
    } finally {
      announce();
    }
  }

  private void announce() {
    Lack now = database.once(replicas::beat);
    Lack before = lack;
    lack = now;
    if (!now.lost().equals(before.lost())) {
      now.lost().ifPresent(key -> LOG.error(ring.missing(key)));
    }
    if (!now.missing().equals(before.missing())) {
      notice().ifPresent(LOG::warn);
    }
  }
}
