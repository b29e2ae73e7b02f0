package dev.agentlab.audit;

import dev.agentlab.database.Database;
import dev.agentlab.errors.UnavailableException;
import dev.agentlab.secrets.KeyedHash;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The newest row of the trail that this service knows was there, outside the database: a trail
/// that was emptied or put back to an older state, head and all, does not hold it any more.
///
/// A thread looks at what was committed shortly after something was recorded, and keeps it in a
/// file; no request waits for that. What is remembered only moves on, and only along rows that the
/// service wrote. Several replicas remember a row each. Safe for all threads.
public final class TrailMemory {
  private static final Logger LOG = LoggerFactory.getLogger(TrailMemory.class);

  /// The name of its file in the data folder.
  public static final String FILE = "audit.head";

  private static final Duration PAUSE = Duration.ofSeconds(1);

  /// How many rounds look at the trail after something was recorded: its transaction may take a
  /// while to commit.
  private static final int LOOKS = 3;

  private final PostgresTrailEnd end;
  private final TrailHeadFile file;
  private final AtomicInteger looks = new AtomicInteger(LOOKS);

  private final CountDownLatch stopping = new CountDownLatch(1);

  private final Object lock = new Object();
  private Optional<TrailHead> head = Optional.empty();
  private boolean loaded;
  private @Nullable Thread thread;

  /// What the log has last been told of; only touched by who looks.
  private Optional<TrailHead> reported = Optional.empty();

  /// @param key the one the trail is recorded under
  /// @param dataDir made if it is missing, for its owner only
  public TrailMemory(Database database, KeyedHash key, Path dataDir) {
    end = new PostgresTrailEnd(database, new Hashes(key));
    file = new TrailHeadFile(dataDir.resolve(FILE));
  }

  /// Begins to look at the trail in the background.
  public void start() {
    synchronized (lock) {
      thread = Thread.ofVirtual().name("trail-memory").start(this::run);
    }
  }

  /// Looks a last time and ends.
  ///
  /// @param remaining how long that may take
  public void stop(Duration remaining) throws InterruptedException {
    Thread running;
    synchronized (lock) {
      running = thread;
    }
    if (running != null) {
      // Not an interrupt, which would break the connection that looks.
      stopping.countDown();
      running.join(remaining);
    }
  }

  /// The row that must still be there; empty if none is remembered.
  Optional<TrailHead> head() {
    synchronized (lock) {
      if (!loaded) {
        head = file.read();
        loaded = true;
      }
      return head;
    }
  }

  /// Has the trail looked at soon: something was recorded, if its transaction commits.
  void recorded() {
    looks.set(LOOKS);
  }

  /// Remembers a row of a trail that was found whole and to hold what is remembered.
  void found(TrailHead row) {
    synchronized (lock) {
      if (row.seq() > head().map(TrailHead::seq).orElse(0L)) {
        head = Optional.of(row);
      }
    }
  }

  private void run() {
    try {
      do {
        if (looks.get() > 0) {
          round();
        }
      } while (!stopping.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS));
      round();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void round() {
    try {
      look();
      looks.decrementAndGet();
    } catch (UnavailableException _) {
      // The next round looks again.
    } catch (Throwable e) {
      LOG.error("the end of the audit trail cannot be remembered", e);
    }
    head().ifPresent(file::keep);
  }

  /// Moves on to the end of the trail as it is now, or tells that it was cut or replaced.
  ///
  /// @throws UnavailableException while the database is away
  void look() {
    Optional<TrailHead> known = head();
    Optional<TrailHead> now = end.head();
    if (now.isEmpty()) {
      // Nothing can be recorded, and verifying says why.
      return;
    }
    TrailHead newest = now.get();
    if (known.isEmpty() || end.leads(known.get(), newest)) {
      found(newest);
    } else if (!reported.equals(now)) {
      reported = now;
      LOG.error(
          "the audit trail ends with row {} and does not go on from row {}, which was recorded: rows were removed or changed; {} remembers it",
          newest.seq(),
          known.get().seq(),
          file);
    }
  }
}
