package dev.agentlab.database;

import dev.agentlab.secrets.Secret;
import java.time.Duration;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/// Opens connections to one database, each kind within its own limits of time.
///
/// @param connTimeout an upper bound for the time to connect
record ConnectionFactory(Dsn dsn, Duration connTimeout) {
  /// What the names of all its connections begin with, as `pg_stat_activity` shows them.
  static final String APPLICATION = "agent-lab";

  /// The name of connections for migrations, which are no service's.
  static final String MIGRATION = APPLICATION + " migrate";

  private static final int CONNECT_SECONDS = 2;
  private static final int SOCKET_SECONDS = 3;

  /// Below the socket's limit, so that a slow statement is cancelled there rather than abandoned
  /// here, and its connection stays in use.
  private static final int STATEMENT_MILLIS = 2_500;

  /// A process that is frozen within a transaction must not keep its locks for ever.
  private static final int IDLE_IN_TRANSACTION_MILLIS = 10_000;

  /// For the pool: once connected, nothing takes longer than 3 s, even on a server that is frozen.
  RetryingDataSource pooled() {
    return limited(new RetryingDataSource());
  }

  /// For a connection outside the pool, within the same limits.
  DataSource single() {
    return limited(new PGSimpleDataSource());
  }

  private <S extends PGSimpleDataSource> S limited(S source) {
    set(source, CONNECT_SECONDS, SOCKET_SECONDS);
    source.setOptions(
        "-c statement_timeout=%d -c idle_in_transaction_session_timeout=%d"
            .formatted(STATEMENT_MILLIS, IDLE_IN_TRANSACTION_MILLIS));
    return source;
  }

  /// For listening to what changes. A caller lowers the socket's limit once connected.
  DataSource listening() {
    PGSimpleDataSource source = set(new PGSimpleDataSource(), CONNECT_SECONDS, 1);
    source.setApplicationName(APPLICATION + " changes");
    return source;
  }

  /// For the question whether the server answers.
  DataSource probe() {
    return set(new PGSimpleDataSource(), 1, 1);
  }

  /// For migrations: no limit to a statement, once the caller lifts the socket's.
  DataSource migration() {
    PGSimpleDataSource source = set(new PGSimpleDataSource(), CONNECT_SECONDS, SOCKET_SECONDS);
    // A migration that waits for a lock makes everyone behind it wait too.
    source.setOptions("-c statement_timeout=0 -c lock_timeout=10000");
    source.setApplicationName(MIGRATION);
    return source;
  }

  private <S extends PGSimpleDataSource> S set(S source, int connectSeconds, int socketSeconds) {
    source.setServerNames(new String[] {dsn.hostInUri()});
    source.setPortNumbers(new int[] {dsn.port()});
    source.setDatabaseName(dsn.database());
    source.setUser(dsn.user());
    source.setPassword(dsn.password().map(Secret::reveal).orElse(null));
    source.setSslMode(dsn.sslMode().toString());
    source.setConnectTimeout(Math.clamp(connTimeout.toSeconds(), 1, connectSeconds));
    source.setSocketTimeout(socketSeconds);
    source.setTcpKeepAlive(true);
    source.setApplicationName(APPLICATION);
    // Saves two round trips on every new connection.
    source.setAssumeMinServerVersion("13");
    return source;
  }
}
