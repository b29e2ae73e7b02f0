package dev.agentlab.audit;

import dev.agentlab.secrets.KeyedHash;
import java.sql.Connection;
import java.sql.SQLException;

/// Records changes in the audit trail. Safe for all threads.
@FunctionalInterface
public interface AuditTrail {

  /// Creates an audit trail in PostgreSQL.
  ///
  /// @param key the keyed hash of the chain; not used before a change is recorded
  /// @param chainWorker tracks the recorded rows until they are chained
  static AuditTrail of(KeyedHash key, AuditChainWorker chainWorker) {
    return new PostgresAuditTrail(key, chainWorker);
  }

  /// Records a change by [dev.agentlab.security.Actor#current()] in the transaction of the change,
  /// so that both are committed or neither is. Waits for no other transaction.
  ///
  /// @throws dev.agentlab.database.DatabaseException if the trail cannot be continued, because it
  ///   was modified or the key differs; this is detected within a second
  void record(Connection connection, AuditEntry entry) throws SQLException;
}
