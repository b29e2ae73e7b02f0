package dev.agentlab.database;

import dev.agentlab.net.Host;
import dev.agentlab.secrets.Secret;
import java.time.Duration;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/// Creates the data sources of one database, each with the timeouts of its purpose.
///
/// @param connTimeout an upper bound for the connect timeout
record ConnectionFactory(Dsn dsn, Duration connTimeout) {
  /// The prefix of the `application_name` of every connection, as shown by `pg_stat_activity`.
  static final String APPLICATION_NAME = "agent-lab";

  /// The `application_name` of migration connections, which distinguishes them from those of a
  /// service.
  static final String MIGRATION_APPLICATION_NAME = APPLICATION_NAME + " migrate";

  private static final int CONNECT_TIMEOUT_SECONDS = 2;
  private static final int SOCKET_TIMEOUT_SECONDS = 3;

  /// Below the socket timeout, so that the server cancels a slow statement and its connection
  /// remains usable.
  private static final int STATEMENT_TIMEOUT_MILLIS = 2_500;

  /// Ends the transaction of a frozen process, which would otherwise hold its locks indefinitely.
  private static final int IDLE_IN_TRANSACTION_TIMEOUT_MILLIS = 10_000;

  /// A data source for the pool. On its connections no operation takes longer than 3 s, even if the
  /// server is frozen.
  RetryingDataSource pooledDataSource() {
    return withTimeouts(new RetryingDataSource());
  }

  /// A data source for a connection outside the pool, with the same timeouts.
  DataSource unpooledDataSource() {
    return withTimeouts(new PGSimpleDataSource());
  }

  private <S extends PGSimpleDataSource> S withTimeouts(S source) {
    configure(source, CONNECT_TIMEOUT_SECONDS, SOCKET_TIMEOUT_SECONDS);
    source.setOptions(
        "-c statement_timeout=%d -c idle_in_transaction_session_timeout=%d"
            .formatted(STATEMENT_TIMEOUT_MILLIS, IDLE_IN_TRANSACTION_TIMEOUT_MILLIS));
    return source;
  }

  /// A data source for [NotificationConnection], which lowers the socket timeout once connected.
  DataSource listenDataSource() {
    PGSimpleDataSource source = configure(new PGSimpleDataSource(), CONNECT_TIMEOUT_SECONDS, 1);
    source.setApplicationName(APPLICATION_NAME + " changes");
    return source;
  }

  /// A data source for [DatabaseReadinessProbe].
  DataSource probeDataSource() {
    return configure(new PGSimpleDataSource(), 1, 1);
  }

  /// A data source for migrations, without a statement timeout. The caller removes the socket
  /// timeout.
  DataSource migrationDataSource() {
    PGSimpleDataSource source =
        configure(new PGSimpleDataSource(), CONNECT_TIMEOUT_SECONDS, SOCKET_TIMEOUT_SECONDS);
    // A migration that waits for a lock blocks all later requests for that lock.
    source.setOptions("-c statement_timeout=0 -c lock_timeout=10000");
    source.setApplicationName(MIGRATION_APPLICATION_NAME);
    return source;
  }

  private <S extends PGSimpleDataSource> S configure(
      S source, int connectSeconds, int socketSeconds) {
    source.setServerNames(new String[] {Host.inUri(dsn.host())});
    source.setPortNumbers(new int[] {dsn.port()});
    source.setDatabaseName(dsn.database());
    source.setUser(dsn.user());
    source.setPassword(dsn.password().map(Secret::reveal).orElse(null));
    source.setSslMode(dsn.sslMode().toString());
    source.setConnectTimeout(Math.clamp(connTimeout.toSeconds(), 1, connectSeconds));
    source.setSocketTimeout(socketSeconds);
    source.setTcpKeepAlive(true);
    source.setApplicationName(APPLICATION_NAME);
    // Saves two round trips for each new connection.
    source.setAssumeMinServerVersion("13");
    return source;
  }
}
