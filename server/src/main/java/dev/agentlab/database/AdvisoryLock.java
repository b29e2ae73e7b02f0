package dev.agentlab.database;

import java.sql.Connection;
import java.sql.SQLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A PostgreSQL advisory lock shared by all processes that use one database. The server releases it
/// when its session or transaction ends, also after a crash. Except for [#acquireForTransaction],
/// no method blocks: a caller that does not acquire the lock retries later or gives up.
public enum AdvisoryLock {
  /// Guards schema migrations. "agentlab" in ASCII.
  SCHEMA(0x6167_656e_746c_6162L),

  /// Guards the creation of the service's own data key. "alroot" in ASCII.
  ROOT_KEY(0x616c_726f_6f74L),

  /// Guards the re-encryption of data keys. "alrotate" in ASCII.
  ROTATION(0x616c_726f_7461_7465L),

  /// Guards the changes after which an agent over a route, or a route over an agent, could call
  /// itself. "alcircle" in ASCII.
  CIRCLES(0x616c_6369_7263_6c65L);

  private static final Logger LOG = LoggerFactory.getLogger(AdvisoryLock.class);

  private final long lockId;

  AdvisoryLock(long number) {
    this.lockId = number;
  }

  /// Acquires this lock until the transaction ends.
  ///
  /// @return false if another session holds it
  public boolean tryAcquireForTransaction(Connection connection) throws SQLException {
    return call(connection, "pg_try_advisory_xact_lock");
  }

  /// Acquires this lock until the transaction ends. Waits for transactions that hold it, which must
  /// be short.
  public void acquireForTransaction(Connection connection) throws SQLException {
    // The function itself returns no value.
    String sql = "SELECT true AS done FROM pg_advisory_xact_lock(:id)";
    boolean _ = new SqlStatement(connection, sql).bind("id", lockId).one(row -> row.bool("done"));
  }

  /// Acquires the lock with a name until the transaction ends.
  ///
  /// @return false if another session holds it
  public static boolean tryAcquireForTransaction(Connection connection, String name)
      throws SQLException {
    String sql = "SELECT pg_try_advisory_xact_lock(hashtextextended(:name, 0)) AS done";
    return new SqlStatement(connection, sql).bind("name", name).one(row -> row.bool("done"));
  }

  /// Acquires the lock with a name until the transaction ends. Waits for transactions that hold it,
  /// which must be short.
  public static void acquireForTransaction(Connection connection, String name) throws SQLException {
    // The function itself returns no value.
    String sql = "SELECT true AS done FROM pg_advisory_xact_lock(hashtextextended(:name, 0))";
    boolean _ = new SqlStatement(connection, sql).bind("name", name).one(row -> row.bool("done"));
  }

  /// Acquires this lock until it is released or the connection ends.
  ///
  /// @return false if another session holds it
  public boolean tryAcquire(Connection connection) throws SQLException {
    return call(connection, "pg_try_advisory_lock");
  }

  /// Releases this lock. If that fails, closes the connection, which releases the lock too; the
  /// work done under the lock is already complete.
  public void release(Connection connection) throws SQLException {
    try {
      call(connection, "pg_advisory_unlock");
    } catch (SQLException e) {
      LOG.warn("advisory lock {} not released, connection closed: {}", this, e.getMessage());
      connection.abort(Runnable::run);
    }
  }

  /// Calls a function on this lock.
  ///
  /// @return whether the lock was acquired or released
  private boolean call(Connection connection, String function) throws SQLException {
    return new SqlStatement(connection, "SELECT %s(:lock) AS done".formatted(function))
        .bind("lock", lockId)
        .one(row -> row.bool("done"));
  }
}
