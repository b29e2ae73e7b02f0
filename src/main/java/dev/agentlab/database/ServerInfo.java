package dev.agentlab.database;

import dev.agentlab.errors.UnavailableException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;

/// The version of a PostgreSQL server and its current time.
///
/// @param version the server version, such as `18.4`
public record ServerInfo(String version, Instant currentTime) {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

  /// Queries a server.
  ///
  /// @throws UnavailableException if the server is unreachable
  /// @throws DatabaseException if the server rejects the connection
  public static ServerInfo read(Dsn dsn) {
    try (Connection connection =
            new ConnectionFactory(dsn, CONNECT_TIMEOUT).unpooledDataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT current_setting('server_version'), clock_timestamp()")) {
      row.next();
      return new ServerInfo(row.getString(1), row.getObject(2, OffsetDateTime.class).toInstant());
    } catch (SQLException e) {
      throw SqlErrors.toException("cannot connect to " + dsn.address(), e);
    }
  }
}
