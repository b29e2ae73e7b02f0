package dev.agentlab.e2e;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/// All rows of all tables of a database, as text.
final class DatabaseDump {
  private static final String TABLES =
      """
      SELECT format('%I.%I', table_schema, table_name) FROM information_schema.tables
      WHERE table_schema NOT IN ('pg_catalog', 'information_schema')\
      """;

  private DatabaseDump() {}

  static String of(Connection database) throws SQLException {
    try (Statement statement = database.createStatement()) {
      StringBuilder dump = new StringBuilder();
      for (String table : texts(statement, TABLES)) {
        dump.append(table).append('\n');
        texts(statement, "SELECT t::text FROM %s AS t".formatted(table))
            .forEach(row -> dump.append(row).append('\n'));
      }
      return dump.toString();
    }
  }

  private static List<String> texts(Statement statement, String sql) throws SQLException {
    List<String> texts = new ArrayList<>();
    try (ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        texts.add(rows.getString(1));
      }
    }
    return texts;
  }
}
