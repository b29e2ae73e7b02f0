package dev.agentlab.keys;

import dev.agentlab.errors.UnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Records the last use of API keys, with a precision of one minute. Requests record uses in
/// memory; a thread writes them in batches, and retries while the database is unavailable. Safe for
/// all threads.
final class KeyUsageRecorder {
  private static final Logger LOG = LoggerFactory.getLogger(KeyUsageRecorder.class);

  private static final long MIN_USE_INTERVAL_MILLIS = Duration.ofMinutes(1).toMillis();
  private static final Duration WRITE_INTERVAL = Duration.ofSeconds(1);

  /// The most keys in memory. Deleted keys stay there, so all entries are removed beyond this
  /// number, which costs at most one extra write per key.
  private static final int MAX_KEYS = 100_000;

  private final PostgresActiveKeys stored;

  /// The last recorded use of each key, in milliseconds since 1970.
  private final ConcurrentMap<UUID, Long> lastUses = new ConcurrentHashMap<>();

  /// The uses that are not written yet.
  private final ConcurrentMap<UUID, Long> pendingUses = new ConcurrentHashMap<>();

  private final Object lock = new Object();
  private @Nullable Thread thread;

  KeyUsageRecorder(PostgresActiveKeys stored) {
    this.stored = stored;
  }

  /// Records a use, unless one was recorded within the last minute.
  void record(UUID key, long now) {
    Long last = lastUses.get(key);
    if (last == null || now - last >= MIN_USE_INTERVAL_MILLIS || now < last) {
      lastUses.put(key, now);
      pendingUses.put(key, now);
    }
  }

  void start() {
    synchronized (lock) {
      thread = Thread.ofVirtual().name("key-uses").start(this::run);
    }
  }

  void stop(Duration timeout) throws InterruptedException {
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
    pendingUses.forEach((key, at) -> {
      if (pendingUses.remove(key, at)) {
        batch.put(key, Instant.ofEpochMilli(at));
      }
    });
    if (batch.isEmpty()) {
      return;
    }
    if (lastUses.size() > MAX_KEYS) {
      lastUses.clear();
    }
    try {
      stored.writeLastUses(batch);
    } catch (UnavailableException e) {
      batch.forEach((key, at) -> pendingUses.putIfAbsent(key, at.toEpochMilli()));
    } catch (Throwable e) {
      // A failure of any kind must not end the thread: the next write may succeed.
      LOG.error("cannot write the last use of API keys", e);
    }
  }
}
