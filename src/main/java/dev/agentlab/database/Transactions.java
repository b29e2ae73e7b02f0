package dev.agentlab.database;

import java.sql.Connection;
import java.sql.SQLException;

/// Transactions on a connection that else commits each statement.
public final class Transactions {
  private Transactions() {}

  /// Runs work in a transaction, which is rolled back if anything is thrown.
  public static <T> T in(Connection connection, Database.Work<T> work) throws SQLException {
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

  /// Rolls back because of a failure, which stays the one that is reported.
  private static void rollBack(Connection connection, Throwable because) {
    try {
      connection.rollback();
      connection.setAutoCommit(true);
    } catch (SQLException e) {
      because.addSuppressed(e);
    }
  }
}
