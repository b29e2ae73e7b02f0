package dev.agentlab.audit;

import dev.agentlab.database.Database;
import dev.agentlab.database.DatabaseException;
import dev.agentlab.errors.UnavailableException;
import dev.agentlab.secrets.KeyedHash;
import java.nio.file.Path;
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

/// Chains what was recorded, as a runtime system: twice a second a thread of each replica looks for
/// rows that are not chained, and the one that gets the lock chains them in batches, whichever
/// replica recorded them. So a change waits for no other, and a crash loses no row.
///
/// The same thread looks for rows that were removed before they were chained, and has the newest
/// row remembered outside the database. Safe for all threads.
public final class AuditChain {
  private static final Logger LOG = LoggerFactory.getLogger(AuditChain.class);

  private static final Duration PAUSE = Duration.ofMillis(500);

  /// How long rows may wait before the log says so. PostgreSQL takes the lock from a frozen replica
  /// after ten seconds.
  private static final Duration MAX_WAIT = Duration.ofSeconds(15);

  private final Database database;
  private final PostgresAuditChain chain;
  private final AuditHeadMemory memory;
  private final UnchainedRowTracker removals = new UnchainedRowTracker();

  /// Held by the thread of this process that chains.
  private final ReentrantLock chaining = new ReentrantLock();

  private final CountDownLatch stopping = new CountDownLatch(1);
  private volatile @Nullable Thread thread;

  /// Why rows cannot be chained, as was last known.
  private volatile @Nullable String obstacle;

  private final Duration maxWait;

  /// Since when rows wait and none was chained, in [System#nanoTime()], and the newest row then;
  /// only touched by the thread in the background.
  private long waitingSince = System.nanoTime();

  private Optional<AuditHead> newestThen = Optional.empty();
  private boolean isReported;

  /// @param key the one the trail is recorded under; not used before something is to be chained
  /// @param dataDir where the newest row is remembered; made if it is missing, for its owner only
  public AuditChain(Database database, KeyedHash key, Path dataDir) {
    this(database, key, dataDir, MAX_WAIT);
  }

  AuditChain(Database database, KeyedHash key, Path dataDir, Duration maxWait) {
    this.database = database;
    this.maxWait = maxWait;
    AuditHashes hashes = new AuditHashes(key);
    chain = new PostgresAuditChain(database, hashes);
    memory = new AuditHeadMemory(database, hashes, dataDir);
  }

  /// Begins to chain in the background.
  public void start() {
    thread = Thread.ofVirtual().name("audit-chain").start(this::run);
  }

  /// Chains a last time and ends.
  ///
  /// @param remaining how long that may take
  public void stop(Duration remaining) throws InterruptedException {
    Thread running = thread;
    if (running != null) {
      // Not an interrupt, which would break the connection in use.
      stopping.countDown();
      running.join(remaining);
    }
  }

  /// Notes a row that was inserted, before its transaction has ended.
  ///
  /// @param transaction its id
  void recorded(UUID row, long transaction) {
    removals.add(row, transaction);
  }

  /// @throws DatabaseException if rows cannot be chained, as was last known: what is recorded would
  ///   stay without the protection of the chain
  void requireContinued() {
    String known = obstacle;
    if (known != null) {
      throw new DatabaseException(known, null);
    }
  }

  /// Chains the rows that were committed before this was called.
  ///
  /// @param patient waits while another replica does this; else leaves it to that
  /// @return false if some may be left to another replica
  /// @throws DatabaseException if the trail cannot be continued
  /// @throws UnavailableException if the database cannot answer now, or another replica has the
  ///   lock for too long
  boolean chain(boolean patient) {
    chaining.lock();
    try {
      Optional<Long> last = database.read(PostgresUnchainedRows::last);
      boolean isDone = last.isEmpty();
      boolean isLeft = false;
      while (!isDone && !isLeft) {
        Optional<PostgresAuditChain.Batch> batch = chain.next(patient);
        batch.ifPresent(this::chained);
        isLeft = batch.isEmpty();
        isDone = batch.filter(it -> it.lastPosition() >= last.orElseThrow()).isPresent();
      }
      if (isDone) {
        obstacle = null;
      }
      return isDone;
    } catch (DatabaseException e) {
      throw discontinued(e);
    } finally {
      chaining.unlock();
    }
  }

  private void chained(PostgresAuditChain.Batch batch) {
    removals.chained(batch.ids());
    memory.chained(batch.before(), batch.after());
  }

  private DatabaseException discontinued(DatabaseException cause) {
    String found =
        "nothing can be changed, because the audit trail cannot be continued: %s; SECURITY.md says what to do"
            .formatted(cause.getMessage());
    if (!found.equals(obstacle)) {
      obstacle = found;
      LOG.error(found);
    }
    return new DatabaseException(found, cause);
  }

  /// How many rows that this process recorded were removed before they were chained.
  ///
  /// @throws UnavailableException while the database is away
  long removed() {
    removals.check(database, removals.ids());
    return removals.removed();
  }

  /// The newest row that is known to have been there.
  AuditHeadMemory memory() {
    return memory;
  }

  private void run() {
    try {
      do {
        round();
      } while (!stopping.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS));
      round();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /// Chains, and looks at what there is.
  void round() {
    // Of rows recorded meanwhile most are about to be chained: not worth a look.
    List<UUID> recorded = removals.ids();
    boolean isDone = false;
    try {
      isDone = chain(false);
    } catch (DatabaseException | UnavailableException _) {
      // Reported, or to be done in the next round.
    } catch (Throwable e) {
      LOG.error("the audit trail cannot be chained", e);
    }
    try {
      removals.check(database, recorded);
      memory.look();
    } catch (UnavailableException _) {
      // The next round looks again.
    } catch (Throwable e) {
      LOG.error("the audit trail cannot be looked at", e);
    }
    memory.keep();
    reportWait(isDone);
  }

  /// Whoever keeps the lock keeps rows from the chain.
  private void reportWait(boolean isDone) {
    Optional<AuditHead> newest = memory.head();
    if (isDone || !newest.equals(newestThen)) {
      newestThen = newest;
      waitingSince = System.nanoTime();
      isReported = false;
    } else if (!isReported && System.nanoTime() - waitingSince > maxWait.toNanos()) {
      isReported = true;
      LOG.error(
          "rows of the audit trail have waited for more than {} s to be chained",
          maxWait.toSeconds());
    }
  }
}
