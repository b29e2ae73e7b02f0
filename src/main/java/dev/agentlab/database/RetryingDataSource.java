package dev.agentlab.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.postgresql.ds.PGSimpleDataSource;

/// A data source for a pool that retries at a fixed interval while the server is unavailable. The
/// pool's own backoff grows to 5 s, which would delay its recovery.
final class RetryingDataSource extends PGSimpleDataSource {
  private static final Duration PAUSE = Duration.ofMillis(250);

  private volatile boolean givenUp;

  /// Opens a connection, with retries on transient errors.
  ///
  /// @throws SQLException on a permanent error, or on any error after [#giveUp]
  @Override
  public Connection getConnection() throws SQLException {
    while (true) {
      try {
        return super.getConnection();
      } catch (SQLException e) {
        if (givenUp || !SqlErrors.isPassing(e)) {
          throw e;
        }
        pause(e);
      }
    }
  }

  /// Ends the current and future retries. Called before the pool closes.
  void giveUp() {
    givenUp = true;
  }

  private static void pause(SQLException cause) throws SQLException {
    try {
      Thread.sleep(PAUSE);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw cause;
    }
  }
}
