package dev.agentlab.backup;

import dev.agentlab.database.Database;
import dev.agentlab.database.SqlStatement;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/// Fills the tables of a new schema with the rows of another database, without the triggers that
/// rows of a client would fire.
///
/// @param connection in a transaction
/// @param tables each after those that its foreign keys refer to
record PostgresTableFiller(Connection connection, List<String> tables) {
  /// Deletes all rows, inserts others, and determines the tables' statistics.
  ///
  /// @param rows inserts the rows of all tables
  <T> T fill(Database.Work<T> rows) throws SQLException {
    List<String> enabling = new ArrayList<>();
    for (String table : tables) {
      enabling.addAll(statementsThatEnableTriggers(connection, table));
      execute(connection, "ALTER TABLE %s DISABLE TRIGGER USER".formatted(table));
    }
    // Migrations insert rows too.
    for (String table : tables.reversed()) {
      execute(connection, "DELETE FROM " + table);
    }
    T inserted = rows.run(connection);
    for (String statement : enabling) {
      execute(connection, statement);
    }
    // Without statistics the first queries would have bad plans.
    for (String table : tables) {
      execute(connection, "ANALYZE " + table);
    }
    return inserted;
  }

  /// The statements that give each trigger of a table its present mode again, after all were
  /// disabled.
  private static List<String> statementsThatEnableTriggers(Connection connection, String table)
      throws SQLException {
    String sql =
        """
        SELECT format('ALTER TABLE %I ENABLE %s TRIGGER %I', relname, mode, tgname) AS statement
        FROM pg_trigger
          JOIN pg_class ON pg_class.oid = tgrelid
          JOIN (VALUES ('O', ''), ('A', 'ALWAYS'), ('R', 'REPLICA')) AS modes (code, mode)
            ON code = tgenabled::text
        WHERE tgrelid = to_regclass(:table) AND NOT tgisinternal
        """;
    return new SqlStatement(connection, sql).bind("table", table).all(row -> row.text("statement"));
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    new SqlStatement(connection, sql).update();
  }
}
