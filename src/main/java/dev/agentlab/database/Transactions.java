package dev.agentlab.database;

import java.sql.Connection;
import java.sql.SQLException;

/// What ends a transaction that failed.
public final class Transactions {
  private Transactions() {}

  /// Rolls back because of a failure, which stays the one that is reported.
  public static void rollBack(Connection connection, Throwable because) {
    try {
      connection.rollback();
    } catch (SQLException e) {
      because.addSuppressed(e);
    }
  }
}
