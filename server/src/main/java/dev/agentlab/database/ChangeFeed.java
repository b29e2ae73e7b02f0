package dev.agentlab.database;

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

/// The feed of row changes committed by any replica, as a runtime component. It receives them
/// through PostgreSQL's LISTEN/NOTIFY and invalidates the affected entries of every [RowCache] and
/// [TableSnapshot].
///
/// A heartbeat query on the listening connection detects lost notifications: its response is
/// preceded by the notification of every change acknowledged before the query was sent. The feed is
/// current for one second from the moment a successful heartbeat was sent. While it is not current,
/// caches are neither read nor filled, so that a cached value is never more than one second stale,
/// whatever happens to the connection or this process. Only while the database cannot be reached at
/// all, nothing can be read instead, and caches return what they had last.
///
/// Thread-safe.
public final class ChangeFeed {
  private static final Logger LOG = LoggerFactory.getLogger(ChangeFeed.class);

  private static final long VALIDITY_NANOS = Duration.ofSeconds(1).toNanos();
  private static final Duration HEARTBEAT_INTERVAL = Duration.ofMillis(250);
  private static final Duration DELIVERY_TIMEOUT = Duration.ofMillis(500);
  private static final Duration MIN_BACKOFF = Duration.ofMillis(250);
  private static final Duration MAX_BACKOFF = Duration.ofSeconds(5);

  /// While the database is away, because caches return old values until it is found again.
  private static final Duration MAX_AWAY_BACKOFF = Duration.ofMillis(500);

  private static final Duration STOP_TIMEOUT = Duration.ofMillis(500);

  private final Database database;

  /// By table.
  private final Map<String, List<ChangeListener>> listeners = new ConcurrentHashMap<>();

  private final Object lock = new Object();
  private @Nullable Thread thread;
  private @Nullable NotificationConnection subscription;
  private volatile boolean stopped;

  /// The [System#nanoTime()] until which this feed is current.
  private volatile long currentUntil = System.nanoTime();

  /// Whether the last connection could not be opened.
  private volatile boolean away;

  /// Whether the current interruption has been logged.
  private boolean interruptionLogged;

  /// Creates a feed that is not started.
  ///
  /// @param database need not be started; the feed is not current until it is
  public ChangeFeed(Database database) {
    this.database = database;
  }

  /// Starts listening in the background. Errors are logged and retried until [#stop].
  public void start() {
    synchronized (lock) {
      // A platform thread: heartbeats must run while virtual threads queue for carrier threads.
      thread = Thread.ofPlatform().daemon().name("database-changes").start(this::run);
    }
  }

  /// Stops listening.
  ///
  /// @param remaining the time left for stopping
  public void stop(Duration remaining) throws InterruptedException, SQLException {
    Thread running;
    synchronized (lock) {
      stopped = true;
      running = thread;
      if (subscription != null) {
        subscription.abort();
      }
    }
    if (running != null) {
      running.interrupt();
      // The thread may be connecting to a frozen server; it then ends after the connect timeout.
      running.join(remaining.compareTo(STOP_TIMEOUT) < 0 ? remaining : STOP_TIMEOUT);
    }
  }

  /// Runs a change of one row, then invalidates the row in the caches of this process. Once this
  /// method returns or throws, no cache returns the previous value.
  ///
  /// @param change commits its own transaction
  public <T> T invalidateAfter(String table, UUID id, Supplier<T> change) {
    try {
      return change.get();
    } finally {
      // Also after an error, because the change may have been committed.
      listenersOf(table).forEach(listener -> listener.onChange(id));
    }
  }

  void subscribe(String table, ChangeListener listener) {
    listeners.computeIfAbsent(table, _ -> new CopyOnWriteArrayList<>()).add(listener);
  }

  /// Whether every change acknowledged more than a second ago has been dispatched.
  boolean isCurrent() {
    return currentUntil - System.nanoTime() > 0;
  }

  /// Whether the database cannot be reached: the last attempt to connect to it failed.
  boolean isDatabaseAway() {
    return away;
  }

  private void run() {
    Duration backoff = MIN_BACKOFF;
    while (!stopped) {
      Optional<ConnectionFactory> connectionFactory = database.connectionFactory();
      try {
        if (connectionFactory.isPresent() && listen(connectionFactory.get())) {
          backoff = MIN_BACKOFF;
        }
      } catch (Throwable e) {
        // Any throwable: without this thread no cache would be used again.
        LOG.error("change feed failed; retrying", e);
      }
      try {
        Thread.sleep(backoff);
      } catch (InterruptedException _) {
        return;
      }
      if (connectionFactory.isPresent()) {
        Duration limit = away ? MAX_AWAY_BACKOFF : MAX_BACKOFF;
        backoff = backoff.multipliedBy(2);
        backoff = backoff.compareTo(limit) < 0 ? backoff : limit;
      }
    }
  }

  /// Listens until this feed is stopped or the connection fails.
  ///
  /// @return whether a heartbeat succeeded
  private boolean listen(ConnectionFactory connectionFactory) {
    boolean succeeded = false;
    try (NotificationConnection opened = open(connectionFactory)) {
      if (!attach(opened)) {
        return false;
      }
      verifyDelivery(opened);
      // Earlier changes were not notified on this connection.
      notifyInterruption();
      while (!stopped) {
        long sentAt = System.nanoTime();
        opened.heartbeat(listeners.keySet()).forEach(this::dispatch);
        currentUntil = sentAt + VALIDITY_NANOS;
        succeeded = true;
        logRecovery();
        Duration left = HEARTBEAT_INTERVAL;
        while (left.isPositive()) {
          opened.await(left).forEach(this::dispatch);
          left = HEARTBEAT_INTERVAL.minusNanos(System.nanoTime() - sentAt);
        }
      }
    } catch (SQLException | RuntimeException e) {
      logInterruption(e);
    } finally {
      currentUntil = System.nanoTime();
      notifyInterruption();
    }
    return succeeded;
  }

  private NotificationConnection open(ConnectionFactory connectionFactory) throws SQLException {
    try {
      NotificationConnection opened = NotificationConnection.open(connectionFactory);
      away = false;
      return opened;
    } catch (SQLException | RuntimeException e) {
      away = true;
      throw e;
    }
  }

  /// Registers the subscription for [#stop].
  ///
  /// @return false if this feed is stopped
  private boolean attach(NotificationConnection opened) {
    synchronized (lock) {
      subscription = opened;
      return !stopped;
    }
  }

  /// Sends a notification from another connection and requires its delivery without a query. A
  /// connection pooler in transaction mode accepts LISTEN but forwards no notification.
  private void verifyDelivery(NotificationConnection opened) throws SQLException {
    String proof = "proof " + UUID.randomUUID();
    database.runOnce(connection ->
        new SqlStatement(connection, "SELECT pg_notify(:channel, :proof)")
            .bind("channel", NotificationConnection.CHANNEL)
            .bind("proof", proof)
            .one(_ -> proof));
    long deadline = System.nanoTime() + DELIVERY_TIMEOUT.toNanos();
    Duration left = DELIVERY_TIMEOUT;
    while (left.isPositive()) {
      if (opened.await(left).contains(proof)) {
        return;
      }
      left = Duration.ofNanos(deadline - System.nanoTime());
    }
    throw new SQLException(
        "notifications are not delivered; a connection pooler must be in session mode");
  }

  private void dispatch(String payload) {
    int space = payload.indexOf(' ');
    List<ChangeListener> affected = listenersOf(space < 0 ? payload : payload.substring(0, space));
    if (space < 0) {
      affected.forEach(ChangeListener::onChange);
    } else if (!affected.isEmpty()) {
      UUID id = UUID.fromString(payload.substring(space + 1));
      affected.forEach(listener -> listener.onChange(id));
    }
  }

  private List<ChangeListener> listenersOf(String table) {
    return listeners.getOrDefault(table, List.of());
  }

  private void notifyInterruption() {
    listeners.values().stream().flatMap(Collection::stream).forEach(ChangeListener::onInterruption);
  }

  private void logRecovery() {
    if (interruptionLogged) {
      interruptionLogged = false;
      LOG.info("change feed restored");
    }
  }

  private void logInterruption(Exception failure) {
    if (!interruptionLogged && !stopped) {
      interruptionLogged = true;
      LOG.warn("change feed interrupted, caches bypassed: {}", failure.getMessage());
    }
  }
}
