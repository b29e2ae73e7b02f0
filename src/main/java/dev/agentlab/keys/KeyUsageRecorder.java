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

/// When keys were last used, to the minute. A request leaves a note; a thread writes all notes down
/// together, and again later while the database is away. Safe for all threads.
final class KeyUsageRecorder {
  private static final Logger LOG = LoggerFactory.getLogger(KeyUsageRecorder.class);

  private static final long BETWEEN_NOTES = Duration.ofMinutes(1).toMillis();
  private static final Duration PAUSE = Duration.ofSeconds(1);

  /// Of keys that are long gone some remain here; beyond this many all are forgotten, which costs a
  /// write each at most.
  private static final int MOST = 100_000;

  private final PostgresActiveKeys stored;

  /// When each was last noted, in milliseconds since 1970.
  private final ConcurrentMap<UUID, Long> noted = new ConcurrentHashMap<>();

  /// What is to be written.
  private final ConcurrentMap<UUID, Long> notes = new ConcurrentHashMap<>();

  private final Object lock = new Object();
  private @Nullable Thread thread;

  KeyUsageRecorder(PostgresActiveKeys stored) {
    this.stored = stored;
  }

  /// Leaves a note, unless one was left within the last minute.
  void note(UUID key, long now) {
    Long last = noted.get(key);
    if (last == null || now - last >= BETWEEN_NOTES || now < last) {
      noted.put(key, now);
      notes.put(key, now);
    }
  }

  void start() {
    synchronized (lock) {
      thread = Thread.ofVirtual().name("key-uses").start(this::run);
    }
  }

  void stop(Duration remaining) throws InterruptedException {
    Thread running;
    synchronized (lock) {
      running = thread;
    }
    if (running != null) {
      running.interrupt();
      running.join(remaining);
    }
  }

  private void run() {
    try {
      while (true) {
        Thread.sleep(PAUSE);
        write();
      }
    } catch (InterruptedException _) {
      write();
    }
  }

  private void write() {
    Map<UUID, Instant> taken = new HashMap<>();
    notes.forEach((key, at) -> {
      if (notes.remove(key, at)) {
        taken.put(key, Instant.ofEpochMilli(at));
      }
    });
    if (taken.isEmpty()) {
      return;
    }
    if (noted.size() > MOST) {
      noted.clear();
    }
    try {
      stored.used(taken);
    } catch (UnavailableException e) {
      taken.forEach((key, at) -> notes.putIfAbsent(key, at.toEpochMilli()));
    } catch (Throwable e) {
      // The next notes are worth another try, whatever it is.
      LOG.error("when keys were last used cannot be written down", e);
    }
  }
}
