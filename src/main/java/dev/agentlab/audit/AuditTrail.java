package dev.agentlab.audit;

import dev.agentlab.secrets.KeyedHash;
import java.sql.Connection;
import java.sql.SQLException;

/// Where changes are recorded. Safe for all threads.
@FunctionalInterface
public interface AuditTrail {

  /// The trail in PostgreSQL.
  ///
  /// @param key of the hashes that chain it; not asked before something is recorded
  /// @param chain chains what is recorded, in this process or another
  static AuditTrail under(KeyedHash key, AuditChain chain) {
    return new PostgresAuditTrail(key, chain);
  }

  /// Records a change in its own transaction, as done by [dev.agentlab.security.Actor#current()],
  /// so that both are there or neither is. Waits for no other transaction.
  ///
  /// @throws dev.agentlab.database.DatabaseException if the trail cannot be continued, because
  ///   somebody changed it or the key is another, as is known a second later at most
  void record(Connection connection, AuditEntry entry) throws SQLException;
}
