package dev.agentlab.database;

import dev.agentlab.errors.UnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Records the last use of rows, such as API keys, with the precision of an interval. Requests
/// record uses in memory; a thread writes them in batches, and retries while the database is
/// unavailable. Safe for all threads.
public final class LastUseRecorder {
  private static final Logger LOG = LoggerFactory.getLogger(LastUseRecorder.class);

  private static final Duration WRITE_INTERVAL = Duration.ofSeconds(1);

  /// The most rows in memory. Deleted rows stay there, so all entries are removed beyond this
  /// number, which costs at most one extra write per row.
  private static final int MAX_ROWS = 100_000;

  private final String what;
  private final long intervalMillis;
  private final Consumer<Map<UUID, Instant>> writer;

  /// The last recorded use of each row, in milliseconds since 1970.
  private final ConcurrentMap<UUID, Long> lastUses = new ConcurrentHashMap<>();

  /// The uses that are not written yet.
  private final ConcurrentMap<UUID, Long> pendingUses = new ConcurrentHashMap<>();

  private final Object lock = new Object();
  private @Nullable Thread thread;

  /// @param what the rows in the log, such as `API keys`
  /// @param interval the least time between two recorded uses of a row
  /// @param writer writes the last use of rows by their ids, unless a later one is stored
  public LastUseRecorder(String what, Duration interval, Consumer<Map<UUID, Instant>> writer) {
    this.what = what;
    intervalMillis = interval.toMillis();
    this.writer = writer;
  }

  /// Records a use, unless one was recorded within the interval.
  ///
  /// @param now in milliseconds since 1970
  public void record(UUID row, long now) {
    Long last = lastUses.get(row);
    if (last == null || now - last >= intervalMillis || now < last) {
      lastUses.put(row, now);
      pendingUses.put(row, now);
    }
  }

  /// The last recorded use in this process, in milliseconds since 1970; [Long#MIN_VALUE] if there
  /// is none.
  public long lastUse(UUID row) {
    return lastUses.getOrDefault(row, Long.MIN_VALUE);
  }

  /// Starts writing in the background.
  public void start() {
    synchronized (lock) {
      thread = Thread.ofVirtual().name("last-uses").start(this::run);
    }
  }

  /// Writes the remaining uses and stops.
  ///
  /// @param timeout the longest time to wait
  public void stop(Duration timeout) throws InterruptedException {
    Thread running;
    synchronized (lock) {
      running = thread;
    }
    if (running != null) {
      running.interrupt();
      running.join(timeout);
    }
  }

  private void run() {
    try {
      while (true) {
        Thread.sleep(WRITE_INTERVAL);
        write();
      }
    } catch (InterruptedException _) {
      write();
    }
  }

  private void write() {
    Map<UUID, Instant> batch = new HashMap<>();
    pendingUses.forEach((row, at) -> {
      if (pendingUses.remove(row, at)) {
        batch.put(row, Instant.ofEpochMilli(at));
      }
    });
    if (batch.isEmpty()) {
      return;
    }
    if (lastUses.size() > MAX_ROWS) {
      lastUses.clear();
    }
    try {
      writer.accept(batch);
    } catch (UnavailableException e) {
      batch.forEach((row, at) -> pendingUses.putIfAbsent(row, at.toEpochMilli()));
    } catch (Throwable e) {
      // A failure of any kind must not end the thread: the next write may succeed.
      LOG.error("cannot write the last use of {}", what, e);
    }
  }
}
