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
  static AuditTrail under(KeyedHash key) {
    return new PostgresAuditTrail(key, () -> {});
  }

  /// The same, whose end is remembered.
  static AuditTrail under(KeyedHash key, TrailMemory memory) {
    return new PostgresAuditTrail(key, memory::recorded);
  }

  /// Records a change in its own transaction, as done by [dev.agentlab.access.Actor#current()], so
  /// that both are there or neither is.
  ///
  /// From here until the transaction ends, others wait who want to record something. So it comes
  /// last: after it the transaction must not wait for anything that another could hold, and several
  /// entries follow one another.
  ///
  /// @throws dev.agentlab.database.DatabaseException if the trail cannot be continued, because
  ///   somebody changed it or the key is another
  void record(Connection connection, AuditEntry entry) throws SQLException;
}
