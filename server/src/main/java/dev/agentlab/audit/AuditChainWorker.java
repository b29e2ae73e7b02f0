package dev.agentlab.audit;

import dev.agentlab.database.Database;
import dev.agentlab.database.DatabaseException;
import dev.agentlab.errors.UnavailableException;
import dev.agentlab.secrets.KeyedHash;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The background thread that chains the recorded rows of the audit trail. Twice a second the
/// thread of each replica looks for rows that are not chained; the replica that acquires the lock
/// chains them in batches, whichever replica recorded them. So no change waits for another, and a
/// crash loses no row.
///
/// The same thread detects rows that were removed before they were chained. Safe for all threads.
public final class AuditChainWorker {
  private static final Logger LOG = LoggerFactory.getLogger(AuditChainWorker.class);

  private static final Duration CHAIN_INTERVAL = Duration.ofMillis(500);

  /// The longest time that rows wait for the chain before an error is logged. PostgreSQL releases
  /// the lock of a frozen replica after ten seconds.
  private static final Duration MAX_WAIT = Duration.ofSeconds(15);

  private final Database database;
  private final PostgresAuditChainLinker linker;
  private final UnchainedRowTracker tracker = new UnchainedRowTracker();

  /// Serializes the threads of this process that chain rows.
  private final ReentrantLock chainLock = new ReentrantLock();

  private final CountDownLatch stopping = new CountDownLatch(1);
  private volatile @Nullable Thread thread;

  /// The last error that prevented rows from being chained; null after a success.
  private volatile @Nullable String chainError;

  private final Duration maxWait;

  /// The start of the time in which rows waited and none was chained, in [System#nanoTime()], and
  /// the head at that time. Confined to the background thread.
  private long waitingSince = System.nanoTime();

  private Optional<AuditHead> waitingHead = Optional.empty();
  private boolean isWaitReported;

  /// @param key the keyed hash of the audit trail; not used before rows are chained
  public AuditChainWorker(Database database, KeyedHash key) {
    this(database, key, MAX_WAIT);
  }

  AuditChainWorker(Database database, KeyedHash key, Duration maxWait) {
    this.database = database;
    this.maxWait = maxWait;
    linker = new PostgresAuditChainLinker(database, new AuditHasher(key));
  }

  /// Starts the background thread.
  public void start() {
    thread = Thread.ofVirtual().name("audit-chain").start(this::run);
  }

  /// Chains the remaining rows and stops the background thread.
  ///
  /// @param timeout the longest time to wait
  public void stop(Duration timeout) throws InterruptedException {
    Thread running = thread;
    if (running != null) {
      // An interrupt would break the connection in use.
      stopping.countDown();
      running.join(timeout);
    }
  }

  /// Tracks a row that was inserted by a transaction that has not ended yet.
  ///
  /// @param transaction the id of the transaction
  void track(UUID row, long transaction) {
    tracker.add(row, transaction);
  }

  /// Requires that the last attempt to chain rows succeeded.
  ///
  /// @throws DatabaseException if it failed: new rows would not be protected by the chain
  void requireContinuable() {
    String reason = chainError;
    if (reason != null) {
      throw new DatabaseException(reason, null);
    }
  }

  /// Chains the rows that were committed before the call.
  ///
  /// @param wait whether to wait for the lock if another replica has it, or to return
  /// @return false if another replica has the lock and rows may remain
  /// @throws DatabaseException if the chain cannot be continued
  /// @throws UnavailableException if the database is unavailable, or another replica has the lock
  ///   for too long
  boolean chain(boolean wait) {
    chainLock.lock();
    try {
      Optional<Long> last = database.read(PostgresUnchainedRows::findLastPosition);
      boolean isDone = last.isEmpty();
      boolean isLocked = false;
      while (!isDone && !isLocked) {
        Optional<PostgresAuditChainLinker.Batch> batch = linker.chainNext(wait);
        batch.ifPresent(it -> tracker.remove(it.ids()));
        isLocked = batch.isEmpty();
        isDone = batch.filter(it -> it.lastPosition() >= last.orElseThrow()).isPresent();
      }
      if (isDone) {
        chainError = null;
      }
      return isDone;
    } catch (DatabaseException e) {
      throw toChainError(e);
    } finally {
      chainLock.unlock();
    }
  }

  private DatabaseException toChainError(DatabaseException cause) {
    String message =
        "changes are rejected because the audit trail cannot be continued: %s; see SECURITY.md for a remedy"
            .formatted(cause.getMessage());
    if (!message.equals(chainError)) {
      chainError = message;
      LOG.error(message);
    }
    return new DatabaseException(message, cause);
  }

  /// The number of rows that this process recorded and that were removed before they were chained.
  ///
  /// @throws UnavailableException while the database is unavailable
  long countRemoved() {
    tracker.check(database, tracker.ids());
    return tracker.removedCount();
  }

  private void run() {
    try {
      do {
        runOnce();
      } while (!stopping.await(CHAIN_INTERVAL.toMillis(), TimeUnit.MILLISECONDS));
      runOnce();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /// Chains rows, and checks for removed rows.
  void runOnce() {
    // Read before chaining: most rows that are recorded meanwhile are chained soon.
    List<UUID> recorded = tracker.ids();
    boolean isDone = false;
    try {
      isDone = chain(false);
    } catch (DatabaseException | UnavailableException _) {
      // Already logged, or retried in the next round.
    } catch (Throwable e) {
      LOG.error("cannot chain the audit trail", e);
    }
    try {
      tracker.check(database, recorded);
      reportWait(isDone);
    } catch (UnavailableException _) {
      // Retried in the next round.
    } catch (Throwable e) {
      LOG.error("cannot check the audit trail", e);
    }
  }

  /// A lock that is not released prevents rows from being chained.
  private void reportWait(boolean isDone) {
    Optional<AuditHead> newest = isDone ? Optional.empty() : linker.findHead();
    if (isDone || !newest.equals(waitingHead)) {
      waitingHead = newest;
      waitingSince = System.nanoTime();
      isWaitReported = false;
    } else if (!isWaitReported && System.nanoTime() - waitingSince > maxWait.toNanos()) {
      isWaitReported = true;
      LOG.error(
          "rows of the audit trail have not been chained for more than {} s", maxWait.toSeconds());
    }
  }
}
