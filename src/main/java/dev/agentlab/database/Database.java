package dev.agentlab.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.agentlab.database.embedded.EmbeddedPostgres;
import dev.agentlab.errors.UnavailableException;
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

/// PostgreSQL as a runtime system: a pool of connections to a server, embedded or external, whose
/// schema is up to date.
///
/// Once started, safe for all threads. No call hangs: on a server that is away or frozen it throws
/// [UnavailableException] within 3.5 s, and works again by itself once the server does.
public final class Database {
  private static final Logger LOG = LoggerFactory.getLogger(Database.class);

  private static final Duration LONGEST_POOL_WAIT = Duration.ofSeconds(1);
  private static final Duration SHORTEST_POOL_WAIT = Duration.ofMillis(250);
  private static final Duration VALIDATION = Duration.ofMillis(500);
  private static final Duration KEEPALIVE = Duration.ofMinutes(1);
  private static final Duration SURPLUS_IDLE = Duration.ofMinutes(1);
  private static final Duration SHORTEST_LIFETIME = Duration.ofSeconds(30);

  private final DatabaseSettings settings;
  private final MeterRegistry metrics;
  private volatile @Nullable Started started;

  /// What is done with a connection. It must not keep the connection or close it.
  @FunctionalInterface
  public interface Work<T> {
    T run(Connection connection) throws SQLException;
  }

  private record Started(
      ConnectionFactory connector,
      RetryingDataSource source,
      HikariDataSource pool,
      DatabaseProbe probe,
      Optional<EmbeddedPostgres> embedded) {}

  /// A database not yet started.
  ///
  /// @param metrics get the pool's figures
  public Database(DatabaseSettings settings, MeterRegistry metrics) {
    this.settings = settings;
    this.metrics = metrics;
  }

  /// Starts the embedded server, if it is that; then brings the schema up to date. While the server
  /// is away, keeps trying until it is there.
  ///
  /// @throws DatabaseException if waiting would not help, with a message for the operator: an
  ///   unusable data folder, a wrong password, an unknown database, a schema newer than this
  ///   program, or a database of the Go original that was not taken over
  public void start() throws InterruptedException {
    switch (settings.server()) {
      case DatabaseSettings.External(Dsn dsn) -> started = open(dsn, Optional.empty());
      case DatabaseSettings.Embedded(var dataDir) -> {
        EmbeddedPostgres server = new EmbeddedPostgres(dataDir, settings.pool().maxOpen());
        startServer(server);
        try {
          started = open(Dsn.of(server.access()), Optional.of(server));
        } catch (RuntimeException | InterruptedException e) {
          stopAfter(e, server);
          throw e;
        }
      }
    }
  }

  /// Runs work that changes nothing, on a connection of its own. It may run twice, when its first
  /// connection turns out to be dead.
  ///
  /// @throws UnavailableException if the database cannot answer now
  /// @throws DatabaseException if it refused
  public <T> T read(Work<T> work) {
    try {
      return onConnection(work);
    } catch (SQLException e) {
      if (!SqlErrors.isDeadConnection(e)) {
        throw SqlErrors.of(e);
      }
    }
    try {
      return onConnection(work);
    } catch (SQLException e) {
      throw SqlErrors.of(e);
    }
  }

  /// Runs work on a connection of its own that commits each statement, and never again: of work
  /// that fails, part may be done.
  ///
  /// @throws UnavailableException if the database cannot answer now
  /// @throws DatabaseException if it refused
  public <T> T once(Work<T> work) {
    try {
      return onConnection(work);
    } catch (SQLException e) {
      throw SqlErrors.of(e);
    }
  }

  /// Runs work in a transaction of its own, which is rolled back if anything is thrown.
  ///
  /// @throws UnavailableException if the database cannot answer now; whether it committed is not
  ///   known when the connection broke during the commit
  /// @throws UniqueViolationException if a value is taken
  /// @throws ForeignKeyViolationException if a row it names is not there, or a row it removes is
  ///   named by another
  /// @throws DatabaseException if it refused otherwise
  public <T> T write(Work<T> work) {
    return once(connection -> Transactions.in(connection, work));
  }

  /// Why the database cannot be used now, as known for at most half a second; takes at most a
  /// second to find out. Empty if it can: the server answers, and the schema lacks no migration.
  public Optional<String> unreadyReason() {
    Started current = started;
    return current == null
        ? Optional.of("the database is not started")
        : current.probe().unreadyReason();
  }

  /// The way to the server; empty before the start and after the stop.
  Optional<ConnectionFactory> connector() {
    return Optional.ofNullable(started).map(Started::connector);
  }

  /// Closes the connections and stops the embedded server; does nothing if it is not started.
  ///
  /// @param remaining how long that may take; nothing acknowledged is lost when it is too short
  public void stop(Duration remaining) throws IOException, InterruptedException {
    Started current = started;
    if (current == null) {
      return;
    }
    started = null;
    long deadline = System.nanoTime() + remaining.toNanos();
    current.source().giveUp();
    // Closing waits for connections that are being opened, which a frozen server can draw out.
    Thread closing = Thread.ofVirtual().name("database-close").start(current.pool()::close);
    closing.join(remaining);
    if (current.embedded().isPresent()) {
      current.embedded().get().stop(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
    }
  }

  private static void startServer(EmbeddedPostgres server) throws InterruptedException {
    try {
      server.start();
    } catch (IOException e) {
      throw new DatabaseException(String.valueOf(e.getMessage()), e);
    }
  }

  private static void stopAfter(Exception failure, EmbeddedPostgres server) {
    try {
      server.stop(Duration.ofSeconds(5));
    } catch (IOException | InterruptedException e) {
      failure.addSuppressed(e);
    }
  }

  private Started open(Dsn dsn, Optional<EmbeddedPostgres> embedded) throws InterruptedException {
    ConnectionFactory connector = new ConnectionFactory(dsn, settings.pool().connTimeout());
    OutageLog.waitOut(new Migrator(connector, Migration.ALL)::up);
    RetryingDataSource source = connector.pooled();
    return new Started(
        connector, source, pool(source), new DatabaseProbe(connector.probe()), embedded);
  }

  private HikariDataSource pool(DataSource source) {
    DatabaseSettings.Pool limits = settings.pool();
    HikariConfig config = new HikariConfig();
    config.setPoolName("agent-lab");
    config.setDataSource(source);
    config.setMaximumPoolSize(limits.maxOpen());
    config.setMinimumIdle(limits.maxIdle());
    if (limits.maxIdle() < limits.maxOpen()) {
      config.setIdleTimeout(SURPLUS_IDLE.toMillis());
    }
    config.setMaxLifetime(
        limits.maxLifetime().isZero()
            ? 0
            : max(limits.maxLifetime(), SHORTEST_LIFETIME).toMillis());
    Duration wait = max(min(limits.connTimeout(), LONGEST_POOL_WAIT), SHORTEST_POOL_WAIT);
    config.setConnectionTimeout(wait.toMillis());
    config.setValidationTimeout(min(wait, VALIDATION).toMillis());
    config.setKeepaliveTime(KEEPALIVE.toMillis());
    config.setInitializationFailTimeout(-1);
    config.setMetricRegistry(metrics);
    return new HikariDataSource(config);
  }

  private <T> T onConnection(Work<T> work) throws SQLException {
    Started current = started;
    if (current == null) {
      throw new SQLException("the database is not started", SqlErrors.NO_CONNECTION);
    }
    Connection connection = current.pool().getConnection();
    try {
      return work.run(connection);
    } finally {
      giveBack(connection);
    }
  }

  /// What was done is done, also if the connection turns out to be broken now.
  private static void giveBack(Connection connection) {
    try {
      connection.close();
    } catch (SQLException e) {
      LOG.debug("a connection broke while it was given back", e);
    }
  }

  private static Duration min(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private static Duration max(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? other : one;
  }
}
