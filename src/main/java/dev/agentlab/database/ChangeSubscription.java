package dev.agentlab.database;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/// A connection on which PostgreSQL says what changes. Belongs to one thread; any may [#cut] it.
final class ChangeSubscription implements AutoCloseable {
  static final String CHANNEL = "agent_lab_changes";

  private static final Duration ANSWER_LIMIT = Duration.ofMillis(500);

  /// False once the session no longer listens, or a table no longer says that it changes: after its
  /// migration was taken back, say.
  private static final String ASK =
      """
      SELECT EXISTS (SELECT FROM pg_listening_channels()) AND NOT EXISTS (
        SELECT FROM unnest(?::text[]) AS watched WHERE NOT EXISTS (
          SELECT FROM pg_trigger WHERE tgrelid = to_regclass(watched)
            AND tgname = watched || '_changed' AND tgenabled IN ('O', 'A')))
      """;

  private final Connection connection;
  private final PGConnection notified;

  private ChangeSubscription(Connection connection) throws SQLException {
    this.connection = connection;
    this.notified = connection.unwrap(PGConnection.class);
  }

  static ChangeSubscription open(ConnectionFactory connector) throws SQLException {
    Connection connection = connector.listening().getConnection();
    try (Statement statement = connection.createStatement()) {
      connection.setNetworkTimeout(Runnable::run, (int) ANSWER_LIMIT.toMillis());
      statement.execute("LISTEN " + CHANNEL);
      return new ChangeSubscription(connection);
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  /// What is said within a time; comes back with the first of it.
  List<String> await(Duration limit) throws SQLException {
    return payloads(notified.getNotifications(Math.clamp(limit.toMillis(), 1, Integer.MAX_VALUE)));
  }

  /// Asks the server for an answer. With it has come what was said of every change that was
  /// committed before the question.
  ///
  /// @param tables that must say when they change
  /// @throws SQLException if no answer comes within [#ANSWER_LIMIT], or it is no
  List<String> ask(Set<String> tables) throws SQLException {
    Array watched = connection.createArrayOf("text", tables.toArray());
    try (PreparedStatement question = connection.prepareStatement(ASK)) {
      question.setArray(1, watched);
      try (ResultSet answer = question.executeQuery()) {
        answer.next();
        if (!answer.getBoolean(1)) {
          throw new SQLException(
              "the database does not say when one of %s changes".formatted(tables));
        }
      }
    }
    return payloads(notified.getNotifications());
  }

  private static List<String> payloads(PGNotification[] notifications) {
    List<String> payloads = new ArrayList<>(notifications.length);
    for (PGNotification notification : notifications) {
      payloads.add(notification.getParameter());
    }
    return payloads;
  }

  /// Ends what waits on the connection, and the connection.
  void cut() throws SQLException {
    connection.abort(Runnable::run);
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
