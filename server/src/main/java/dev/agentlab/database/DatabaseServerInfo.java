package dev.agentlab.database;

import dev.agentlab.errors.UnavailableException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;

/// The version of a PostgreSQL server and its current time.
///
/// @param version the server version, such as `18.4`
public record DatabaseServerInfo(String version, Instant currentTime) {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

  /// Queries a server.
  ///
  /// @throws UnavailableException if the server is unreachable
  /// @throws DatabaseException if the server rejects the connection
  public static DatabaseServerInfo read(Dsn dsn) {
    String sql = "SELECT current_setting('server_version') AS version, clock_timestamp() AS time";
    try (Connection connection =
        new ConnectionFactory(dsn, CONNECT_TIMEOUT).unpooledDataSource().getConnection()) {
      return new SqlStatement(connection, sql)
          .one(row -> new DatabaseServerInfo(row.text("version"), row.instant("time")));
    } catch (SQLException e) {
      throw SqlErrorClassifier.toException("cannot connect to " + dsn.address(), e);
    }
  }
}
