package dev.agentlab.database;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The changes of rows, by whichever replica, as a runtime system: it hears of them from PostgreSQL
/// as they are committed, and has every [RowCache] and [TableSnapshot] forget what changed.
///
/// Heard means that the server has answered on the listening connection, to a question that is not
/// older than a second; with the answer comes the word of every change acknowledged before the
/// question. While unheard, caches are neither read nor filled, so that what they give is never
/// older than a second, whatever happens to the connection, the server or this process.
///
/// Safe for all threads.
public final class ChangeFeed {
  private static final Logger LOG = LoggerFactory.getLogger(ChangeFeed.class);

  private static final long FRESH_NANOS = Duration.ofSeconds(1).toNanos();
  private static final Duration HEARTBEAT = Duration.ofMillis(250);
  private static final Duration PROOF_LIMIT = Duration.ofMillis(500);
  private static final Duration SHORTEST_PAUSE = Duration.ofMillis(250);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
  private static final Duration STOP_LIMIT = Duration.ofMillis(500);

  private final Database database;
  private final Map<String, List<ChangeListener>> watchers = new ConcurrentHashMap<>();
  private final Object lock = new Object();
  private @Nullable Thread thread;
  private @Nullable ChangeSubscription subscription;
  private volatile boolean stopped;

  /// Until when what was heard counts, in [System#nanoTime()].
  private volatile long heardUntil = System.nanoTime();

  /// Whether the log says that changes are not heard.
  private boolean complained;

  /// @param database need not be started; while it is not, nothing is heard
  public ChangeFeed(Database database) {
    this.database = database;
  }

  /// Begins to listen, in the background, and goes on whatever happens until stopped.
  public void start() {
    synchronized (lock) {
      // A platform thread: it must be heard from while virtual threads queue for the processors.
      thread = Thread.ofPlatform().daemon().name("database-changes").start(this::run);
    }
  }

  /// Listens no more.
  ///
  /// @param remaining how long that may take
  public void stop(Duration remaining) throws InterruptedException, SQLException {
    Thread running;
    synchronized (lock) {
      stopped = true;
      running = thread;
      if (subscription != null) {
        subscription.cut();
      }
    }
    if (running != null) {
      running.interrupt();
      // It may be about to connect, which a frozen server draws out; then it ends by itself.
      running.join(remaining.compareTo(STOP_LIMIT) < 0 ? remaining : STOP_LIMIT);
    }
  }

  /// Makes a change of one row. Once this returns or throws, no cache of this process gives what
  /// the row was before.
  ///
  /// @param change commits by itself
  public <T> T changing(String table, UUID id, Supplier<T> change) {
    try {
      return change.get();
    } finally {
      // Also when it failed: whether it was committed may not be known.
      watching(table).forEach(watcher -> watcher.changed(id));
    }
  }

  void watch(String table, ChangeListener watcher) {
    watchers.computeIfAbsent(table, _ -> new CopyOnWriteArrayList<>()).add(watcher);
  }

  boolean areHeard() {
    return heardUntil - System.nanoTime() > 0;
  }

  private void run() {
    Duration pause = SHORTEST_PAUSE;
    while (!stopped) {
      Optional<ConnectionFactory> connector = database.connector();
      try {
        if (connector.isPresent() && listen(connector.get())) {
          pause = SHORTEST_PAUSE;
        }
      } catch (Throwable e) {
        // Whatever it is, without this thread nothing would be remembered ever again.
        LOG.error("listening for changes failed; trying again", e);
      }
      try {
        Thread.sleep(pause);
      } catch (InterruptedException _) {
        return;
      }
      if (connector.isPresent()) {
        pause = pause.multipliedBy(2);
        pause = pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
      }
    }
  }

  /// Listens as long as that can be done.
  ///
  /// @return whether anything was heard
  private boolean listen(ConnectionFactory connector) {
    boolean heard = false;
    try (ChangeSubscription opened = ChangeSubscription.open(connector)) {
      if (!enter(opened)) {
        return false;
      }
      prove(opened);
      // Of what changed before this nobody has told.
      tellUnheard();
      while (!stopped) {
        long asked = System.nanoTime();
        opened.ask(watchers.keySet()).forEach(this::hear);
        heardUntil = asked + FRESH_NANOS;
        heard = true;
        noteHeard();
        Duration left = HEARTBEAT;
        while (left.isPositive()) {
          opened.await(left).forEach(this::hear);
          left = HEARTBEAT.minusNanos(System.nanoTime() - asked);
        }
      }
    } catch (SQLException | RuntimeException e) {
      noteUnheard(e);
    } finally {
      heardUntil = System.nanoTime();
      tellUnheard();
    }
    return heard;
  }

  /// @return false if this is stopped
  private boolean enter(ChangeSubscription opened) {
    synchronized (lock) {
      subscription = opened;
      return !stopped;
    }
  }

  /// Has another connection say something, which must be heard while nothing is asked. A pooler
  /// that lends out a connection for a transaction at a time takes a LISTEN, but passes nothing on.
  private void prove(ChangeSubscription opened) throws SQLException {
    String proof = "proof " + UUID.randomUUID();
    database.once(connection -> {
      try (PreparedStatement notify = connection.prepareStatement("SELECT pg_notify(?, ?)")) {
        notify.setString(1, ChangeSubscription.CHANNEL);
        notify.setString(2, proof);
        return notify.execute();
      }
    });
    long deadline = System.nanoTime() + PROOF_LIMIT.toNanos();
    Duration left = PROOF_LIMIT;
    while (left.isPositive()) {
      if (opened.await(left).contains(proof)) {
        return;
      }
      left = Duration.ofNanos(deadline - System.nanoTime());
    }
    throw new SQLException(
        "what is notified does not arrive; a connection pooler must be in session mode to pass it on");
  }

  private void hear(String payload) {
    int space = payload.indexOf(' ');
    List<ChangeListener> concerned = watching(space < 0 ? payload : payload.substring(0, space));
    if (space < 0) {
      concerned.forEach(ChangeListener::changed);
    } else if (!concerned.isEmpty()) {
      UUID id = UUID.fromString(payload.substring(space + 1));
      concerned.forEach(watcher -> watcher.changed(id));
    }
  }

  private List<ChangeListener> watching(String table) {
    return watchers.getOrDefault(table, List.of());
  }

  private void tellUnheard() {
    watchers.values().stream().flatMap(Collection::stream).forEach(ChangeListener::unheard);
  }

  private void noteHeard() {
    if (complained) {
      complained = false;
      LOG.info("changes in the database are heard again");
    }
  }

  private void noteUnheard(Exception failure) {
    if (!complained && !stopped) {
      complained = true;
      LOG.warn(
          "changes in the database are not heard, so it is asked each time: {}",
          failure.getMessage());
    }
  }
}
