package dev.agentlab.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.postgresql.ds.PGSimpleDataSource;

/// A data source for a pool that retries at a fixed interval while the server is unavailable. The
/// pool's own backoff grows to 5 s, which would delay its recovery.
final class RetryingDataSource extends PGSimpleDataSource {
  private static final Duration RETRY_INTERVAL = Duration.ofMillis(250);

  private volatile boolean retriesStopped;

  /// Opens a connection, with retries on transient errors.
  ///
  /// @throws SQLException on a permanent error, or on any error after [#stopRetries]
  @Override
  public Connection getConnection() throws SQLException {
    while (true) {
      try {
        return super.getConnection();
      } catch (SQLException e) {
        if (retriesStopped || !SqlErrorClassifier.isTransient(e)) {
          throw e;
        }
        sleep(e);
      }
    }
  }

  /// Ends the current and future retries. Called before the pool closes.
  void stopRetries() {
    retriesStopped = true;
  }

  private static void sleep(SQLException cause) throws SQLException {
    try {
      Thread.sleep(RETRY_INTERVAL);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw cause;
    }
  }
}
