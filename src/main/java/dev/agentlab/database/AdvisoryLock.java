package dev.agentlab.database;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What only one of those who share a database may do at a time, as PostgreSQL's advisory locks,
/// which a crash frees. Nobody waits in the server for one: who does not get it asks again later,
/// or gives up.
public enum AdvisoryLock {
  /// To move the schema. "agentlab" in ASCII.
  SCHEMA(0x6167_656e_746c_6162L),

  /// To make the service's own data key. "alroot" in ASCII.
  ROOT_KEY(0x616c_726f_6f74L),

  /// To wrap data keys anew. "alrotate" in ASCII.
  ROTATION(0x616c_726f_7461_7465L),

  /// To seal what is stored in the open. "alplain" in ASCII.
  PLAIN_SECRETS(0x616c_706c_6169_6eL);

  private static final Logger LOG = LoggerFactory.getLogger(AdvisoryLock.class);

  private final long number;

  AdvisoryLock(long number) {
    this.number = number;
  }

  /// Takes it until the transaction ends.
  ///
  /// @return false if another has it
  public boolean takeForTransaction(Connection connection) throws SQLException {
    return ask(connection, "SELECT pg_try_advisory_xact_lock(?)");
  }

  /// Takes one of many, told by a text, until the transaction ends.
  ///
  /// @return false if another has it
  static boolean takeForTransaction(Connection connection, String text) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT pg_try_advisory_xact_lock(hashtextextended(?, 0))")) {
      statement.setString(1, text);
      return isTrue(statement);
    }
  }

  /// Takes it until it is given back, or the connection ends.
  ///
  /// @return false if another has it
  public boolean take(Connection connection) throws SQLException {
    return ask(connection, "SELECT pg_try_advisory_lock(?)");
  }

  /// Gives back what was taken. Should that fail, the connection ends and the lock with it: what
  /// was done under it is done.
  public void giveBack(Connection connection) throws SQLException {
    try {
      ask(connection, "SELECT pg_advisory_unlock(?)");
    } catch (SQLException e) {
      LOG.warn("the lock {} ends with its connection: {}", this, e.getMessage());
      connection.abort(Runnable::run);
    }
  }

  private boolean ask(Connection connection, String sql) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setLong(1, number);
      return isTrue(statement);
    }
  }

  private static boolean isTrue(PreparedStatement statement) throws SQLException {
    try (ResultSet row = statement.executeQuery()) {
      return row.next() && row.getBoolean(1);
    }
  }
}
