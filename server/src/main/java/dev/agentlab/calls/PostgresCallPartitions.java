package dev.agentlab.calls;

import dev.agentlab.database.AdvisoryLock;
import dev.agentlab.database.SqlStatement;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.List;

/// Creates and drops the partitions of the table `calls`, one for each day.
final class PostgresCallPartitions {
  private static final String DROP_LOCK = "dropping partitions of calls";

  /// How long other statements may wait while one is dropped.
  private static final String MAX_LOCK_WAIT = "500ms";

  private static final String PREFIX = "calls_";

  /// Creates the partition of a day.
  ///
  /// @return false if it exists
  boolean create(Connection connection, LocalDate day) throws SQLException {
    return new SqlStatement(connection, "SELECT create_calls_partition(:day) AS done")
        .bind("day", day)
        .one(row -> row.bool("done"));
  }

  /// The days that have a partition, in order.
  List<LocalDate> days(Connection connection) throws SQLException {
    String sql =
        """
        SELECT relname AS name FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
        WHERE inhparent = 'calls'::regclass
        ORDER BY relname
        """;
    return new SqlStatement(connection, sql)
        .all(row ->
            LocalDate.parse(
                row.text("name").substring(PREFIX.length()), DateTimeFormatter.BASIC_ISO_DATE));
  }

  /// Drops the partition of a day.
  ///
  /// @param connection in a transaction
  /// @return false if another replica is dropping one
  boolean tryDrop(Connection connection, LocalDate day) throws SQLException {
    if (!AdvisoryLock.tryAcquireForTransaction(connection, DROP_LOCK)) {
      return false;
    }
    String _ =
        new SqlStatement(connection, "SELECT set_config('lock_timeout', :timeout, true) AS set")
            .bind("timeout", MAX_LOCK_WAIT)
            .one(row -> row.text("set"));
    String name = PREFIX + DateTimeFormatter.BASIC_ISO_DATE.format(day);
    int _ = new SqlStatement(connection, "DROP TABLE IF EXISTS " + name).update();
    return true;
  }
}
