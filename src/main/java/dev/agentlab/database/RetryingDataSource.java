package dev.agentlab.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.postgresql.ds.PGSimpleDataSource;

/// Opens connections for a pool, and while the server is away tries again, at a steady pace. The
/// pool's own pauses between attempts grow to 5 s, by which it would come back later than the
/// server.
final class RetryingDataSource extends PGSimpleDataSource {
  private static final Duration PAUSE = Duration.ofMillis(250);

  private volatile boolean givenUp;

  /// Opens a connection as soon as the server lets it.
  ///
  /// @throws SQLException at once if waiting would not help, or there is nobody left to wait
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

  /// Ends the attempts under way, because the pool is about to close.
  void giveUp() {
    givenUp = true;
  }

  private static void pause(SQLException failure) throws SQLException {
    try {
      Thread.sleep(PAUSE);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw failure;
    }
  }
}
