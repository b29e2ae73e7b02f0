package dev.agentlab.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/// A connection that listens for change notifications from PostgreSQL.
///
/// Confined to one thread, except for [#abort].
final class NotificationConnection implements AutoCloseable {
  static final String CHANNEL = "agent_lab_changes";

  private static final Duration RESPONSE_TIMEOUT = Duration.ofMillis(500);

  /// Selects false if the session does not listen or a table has no enabled change trigger, such as
  /// after a rollback of its migration.
  private static final String HEARTBEAT_SQL =
      """
      SELECT EXISTS (SELECT FROM pg_listening_channels()) AND NOT EXISTS (
        SELECT FROM unnest(:tables::text[]) AS watched WHERE NOT EXISTS (
          SELECT FROM pg_trigger WHERE tgrelid = to_regclass(watched)
            AND tgname = watched || '_changed' AND tgenabled IN ('O', 'A'))) AS works
      """;

  private final Connection connection;
  private final PGConnection pgConnection;

  private NotificationConnection(Connection connection) throws SQLException {
    this.connection = connection;
    this.pgConnection = connection.unwrap(PGConnection.class);
  }

  static NotificationConnection open(ConnectionFactory connectionFactory) throws SQLException {
    Connection connection = connectionFactory.listenDataSource().getConnection();
    try {
      connection.setNetworkTimeout(Runnable::run, (int) RESPONSE_TIMEOUT.toMillis());
      new SqlStatement(connection, "LISTEN " + CHANNEL).update();
      return new NotificationConnection(connection);
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  /// Waits for notifications and returns the payloads of those that arrive first; empty after the
  /// timeout.
  List<String> await(Duration timeout) throws SQLException {
    return payloads(
        pgConnection.getNotifications(Math.clamp(timeout.toMillis(), 1, Integer.MAX_VALUE)));
  }

  /// Sends a heartbeat query and returns the payloads received so far. They include every change
  /// that was committed before the query.
  ///
  /// @param tables the tables that must have an enabled change trigger
  /// @throws SQLException if the server does not respond within [#RESPONSE_TIMEOUT], the session
  ///   does not listen, or a trigger is missing
  List<String> heartbeat(Set<String> tables) throws SQLException {
    boolean works =
        new SqlStatement(connection, HEARTBEAT_SQL)
            .bindArray("tables", "text", tables.toArray())
            .one(row -> row.bool("works"));
    if (!works) {
      throw new SQLException(
          "the session does not listen on %s, or one of the tables %s has no change trigger"
              .formatted(CHANNEL, tables));
    }
    return payloads(pgConnection.getNotifications());
  }

  private static List<String> payloads(PGNotification[] notifications) {
    List<String> payloads = new ArrayList<>(notifications.length);
    for (PGNotification notification : notifications) {
      payloads.add(notification.getParameter());
    }
    return payloads;
  }

  /// Aborts the connection and any wait on it. Safe to call from any thread.
  void abort() throws SQLException {
    connection.abort(Runnable::run);
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
