package dev.agentlab.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.agentlab.errors.UnavailableException;
import dev.agentlab.postgres.EmbeddedPostgres;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The PostgreSQL database as a runtime component: a connection pool to an embedded or external
/// server with an up-to-date schema.
///
/// Thread-safe once started. If the server is unreachable or frozen, methods throw
/// [UnavailableException] within 3.5 s. The pool recovers when the server does.
public final class Database {
  private static final Logger LOG = LoggerFactory.getLogger(Database.class);

  private static final Duration MAX_POOL_WAIT = Duration.ofSeconds(1);
  private static final Duration MIN_POOL_WAIT = Duration.ofMillis(250);
  private static final Duration VALIDATION_TIMEOUT = Duration.ofMillis(500);
  private static final Duration KEEPALIVE_INTERVAL = Duration.ofMinutes(1);
  private static final Duration IDLE_TIMEOUT = Duration.ofMinutes(1);
  private static final Duration MIN_LIFETIME = Duration.ofSeconds(30);

  private final DatabaseSettings settings;
  private final MeterRegistry metrics;
  private volatile @Nullable Started started;

  /// Work on a connection, which it must neither close nor retain.
  @FunctionalInterface
  public interface Work<T> {
    T run(Connection connection) throws SQLException;
  }

  private record Started(
      ConnectionFactory connectionFactory,
      RetryingDataSource source,
      HikariDataSource pool,
      DatabaseReadinessProbe probe,
      Optional<EmbeddedPostgres> embedded) {}

  /// Creates a database that is not started.
  ///
  /// @param metrics the registry for the pool's metrics
  public Database(DatabaseSettings settings, MeterRegistry metrics) {
    this.settings = settings;
    this.metrics = metrics;
  }

  /// Starts the embedded server, if configured, and migrates the schema to the latest version.
  /// Retries while the server is unavailable.
  ///
  /// @throws DatabaseException on a permanent error, with a message for the operator: an unusable
  ///   data folder, a wrong password, an unknown database, a schema newer than this program, or a
  ///   database of the Go original that was not taken over
  public void start() throws InterruptedException {
    switch (settings.server()) {
      case DatabaseSettings.External(Dsn dsn) -> started = open(dsn, Optional.empty());
      case DatabaseSettings.Embedded embedded -> {
        EmbeddedPostgres server =
            EmbeddedPostgresLauncher.start(embedded, settings.pool().maxOpen());
        try {
          started = open(Dsn.of(server.access()), Optional.of(server));
        } catch (RuntimeException | InterruptedException e) {
          stopAfterFailure(e, server);
          throw e;
        }
      }
    }
  }

  /// Runs read-only work on a pooled connection. Runs it a second time if the first connection is
  /// dead.
  ///
  /// @throws UnavailableException if the database is unavailable
  /// @throws DatabaseException if the database rejects a statement
  public <T> T read(Work<T> work) {
    try {
      return withConnection(work);
    } catch (SQLException e) {
      if (!SqlErrorClassifier.isDeadConnection(e)) {
        throw SqlErrorClassifier.toException(e);
      }
    }
    try {
      return withConnection(work);
    } catch (SQLException e) {
      throw SqlErrorClassifier.toException(e);
    }
  }

  /// Runs work on a pooled connection in auto-commit mode, without a retry. Work that fails may be
  /// partially complete.
  ///
  /// @throws UnavailableException if the database is unavailable
  /// @throws DatabaseException if the database rejects a statement
  public <T> T runOnce(Work<T> work) {
    try {
      return withConnection(work);
    } catch (SQLException e) {
      throw SqlErrorClassifier.toException(e);
    }
  }

  /// Runs work in a transaction, which is rolled back if the work throws.
  ///
  /// @throws UnavailableException if the database is unavailable; the outcome is unknown if the
  ///   connection failed during the commit
  /// @throws UniqueViolationException if a unique constraint is violated
  /// @throws ForeignKeyViolationException if a referenced row does not exist, or a deleted row is
  ///   still referenced
  /// @throws DatabaseException if the database rejects a statement for another reason
  public <T> T write(Work<T> work) {
    return runOnce(connection -> Transactions.run(connection, work));
  }

  /// The reason why the database is not ready, at most 500 ms old and determined within 1 s. Empty
  /// if the server responds and the schema has no pending migration.
  public Optional<String> unreadyReason() {
    Started current = started;
    return current == null
        ? Optional.of("the database is not started")
        : current.probe().unreadyReason();
  }

  /// The version of the server and of the schema.
  ///
  /// @throws UnavailableException if the database is unavailable
  public DatabaseState state() {
    return read(DatabaseState::read);
  }

  /// The factory of connections to the server; empty before the start and after the stop.
  Optional<ConnectionFactory> connectionFactory() {
    return Optional.ofNullable(started).map(Started::connectionFactory);
  }

  /// Closes the pool and stops the embedded server. Does nothing if this database is not started.
  ///
  /// @param remaining the time left for stopping; no acknowledged write is lost if it is too short
  public void stop(Duration remaining) throws IOException, InterruptedException {
    Started current = started;
    if (current == null) {
      return;
    }
    started = null;
    long deadline = System.nanoTime() + remaining.toNanos();
    current.source().stopRetries();
    // Closing waits for connection attempts, which a frozen server delays.
    Thread closing = Thread.ofVirtual().name("database-close").start(current.pool()::close);
    closing.join(remaining);
    if (current.embedded().isPresent()) {
      current.embedded().get().stop(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
    }
  }

  private static void stopAfterFailure(Exception failure, EmbeddedPostgres server) {
    try {
      server.stop(Duration.ofSeconds(5));
    } catch (IOException | InterruptedException e) {
      failure.addSuppressed(e);
    }
  }

  private Started open(Dsn dsn, Optional<EmbeddedPostgres> embedded) throws InterruptedException {
    ConnectionFactory connections = new ConnectionFactory(dsn, settings.pool().connTimeout());
    OutageRetry.retryWhileUnavailable(new Migrator(connections, Migration.ALL)::up);
    RetryingDataSource source = connections.pooledDataSource();
    return new Started(
        connections,
        source,
        pool(source),
        new DatabaseReadinessProbe(connections.probeDataSource()),
        embedded);
  }

  private HikariDataSource pool(DataSource source) {
    DatabaseSettings.Pool limits = settings.pool();
    HikariConfig config = new HikariConfig();
    config.setPoolName("agent-lab");
    config.setDataSource(source);
    config.setMaximumPoolSize(limits.maxOpen());
    config.setMinimumIdle(limits.maxIdle());
    if (limits.maxIdle() < limits.maxOpen()) {
      config.setIdleTimeout(IDLE_TIMEOUT.toMillis());
    }
    config.setMaxLifetime(
        limits.maxLifetime().isZero() ? 0 : max(limits.maxLifetime(), MIN_LIFETIME).toMillis());
    Duration wait = max(min(limits.connTimeout(), MAX_POOL_WAIT), MIN_POOL_WAIT);
    config.setConnectionTimeout(wait.toMillis());
    config.setValidationTimeout(min(wait, VALIDATION_TIMEOUT).toMillis());
    config.setKeepaliveTime(KEEPALIVE_INTERVAL.toMillis());
    config.setInitializationFailTimeout(-1);
    config.setMetricRegistry(metrics);
    return new HikariDataSource(config);
  }

  private <T> T withConnection(Work<T> work) throws SQLException {
    Started current = started;
    if (current == null) {
      throw new SQLException("the database is not started", SqlErrorClassifier.NO_CONNECTION);
    }
    Connection connection = current.pool().getConnection();
    try {
      return work.run(connection);
    } finally {
      closeQuietly(connection);
    }
  }

  /// Closes a connection. An error does not affect the work, which is complete.
  private static void closeQuietly(Connection connection) {
    try {
      connection.close();
    } catch (SQLException e) {
      LOG.debug("connection not closed cleanly", e);
    }
  }

  private static Duration min(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private static Duration max(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? other : one;
  }
}
