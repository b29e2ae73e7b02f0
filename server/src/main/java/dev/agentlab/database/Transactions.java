package dev.agentlab.database;

import java.sql.Connection;
import java.sql.SQLException;

/// Transactions on a connection in auto-commit mode.
public final class Transactions {
  private Transactions() {}

  /// Runs work in a transaction, which is rolled back if the work throws.
  public static <T> T run(Connection connection, Database.Work<T> work) throws SQLException {
    connection.setAutoCommit(false);
    T result;
    try {
      result = work.run(connection);
      connection.commit();
    } catch (Throwable e) {
      rollBack(connection, e);
      throw e;
    }
    connection.setAutoCommit(true);
    return result;
  }

  /// Rolls back. An error of the rollback is added to the cause as suppressed.
  private static void rollBack(Connection connection, Throwable cause) {
    try {
      connection.rollback();
      connection.setAutoCommit(true);
    } catch (SQLException e) {
      cause.addSuppressed(e);
    }
  }
}
