package dev.agentlab.backup;

import dev.agentlab.database.SqlStatement;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.List;
import java.util.stream.Collectors;
import org.postgresql.PGConnection;
import org.postgresql.copy.PGCopyOutputStream;

/// Copies the rows of tables to and from streams with `COPY`, in its text format.
///
/// @param connection in a transaction
record PostgresCopy(Connection connection) {
  private static final int BUFFER_BYTES = 1 << 16;

  /// Makes the server write `bytea` in hexadecimal, and the rows of a table in the order in which
  /// they are stored, until the transaction ends.
  void makeReproducible() throws SQLException {
    new SqlStatement(connection, "SET LOCAL bytea_output = 'hex'").update();
    // Otherwise a scan can begin in the middle of a table.
    new SqlStatement(connection, "SET LOCAL synchronize_seqscans = off").update();
  }

  /// The columns of a table except those that are generated from others, in their order.
  List<String> columns(String table) throws SQLException {
    String sql =
        """
        SELECT attname AS name FROM pg_attribute
        WHERE attrelid = to_regclass(:table) AND attnum > 0 AND NOT attisdropped
          AND attgenerated = ''
        ORDER BY attnum
        """;
    return new SqlStatement(connection, sql).bind("table", table).all(row -> row.text("name"));
  }

  /// The identity columns of a table that have generated a value.
  List<BackupManifest.Identity> identities(String table) throws SQLException {
    String sql =
        """
        SELECT name, last FROM (
          SELECT attname AS name,
            pg_sequence_last_value(pg_get_serial_sequence(:table, attname)::regclass) AS last
          FROM pg_attribute
          WHERE attrelid = to_regclass(:table) AND attidentity <> ''
        ) AS identities WHERE last IS NOT NULL
        """;
    return new SqlStatement(connection, sql)
        .bind("table", table)
        .all(row -> new BackupManifest.Identity(row.text("name"), row.number("last")));
  }

  /// Sets the last value of an identity column.
  void setIdentity(String table, BackupManifest.Identity identity) throws SQLException {
    String sql = "SELECT setval(pg_get_serial_sequence(:table, :column), :value) AS value";
    long _ =
        new SqlStatement(connection, sql)
            .bind("table", table)
            .bind("column", identity.column())
            .bind("value", identity.lastValue())
            .one(row -> row.number("value"));
  }

  /// The days of the partitions of a table; none for a table without partitions.
  List<LocalDate> partitions(String table) throws SQLException {
    String sql =
        """
        SELECT to_date(right(relname, 8), 'YYYYMMDD')::text AS day
        FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
        WHERE inhparent = to_regclass(:table)
        ORDER BY day
        """;
    return new SqlStatement(connection, sql)
        .bind("table", table)
        .all(row -> LocalDate.parse(row.text("day")));
  }

  /// Creates the partitions of a table for days.
  void createPartitions(String table, List<LocalDate> days) throws SQLException {
    for (LocalDate day : days) {
      boolean _ =
          new SqlStatement(connection, "SELECT create_%s_partition(:day) AS done".formatted(table))
              .bind("day", day)
              .one(row -> row.bool("done"));
    }
  }

  /// Copies all rows of a table to a stream.
  void out(String table, List<String> columns, OutputStream rows) throws SQLException, IOException {
    List<String> order = orderOfPartitioned(table);
    // The rows of a table with partitions can only be copied by a query, whose order is not theirs.
    String source =
        order.isEmpty()
            ? "%s (%s)".formatted(table, quoted(columns))
            : "(SELECT %s FROM %s ORDER BY %s)".formatted(quoted(columns), table, quoted(order));
    long _ =
        connection
            .unwrap(PGConnection.class)
            .getCopyAPI()
            .copyOut("COPY %s TO STDOUT".formatted(source), rows);
  }

  /// The columns of the primary key of a table with partitions; none for another table.
  private List<String> orderOfPartitioned(String table) throws SQLException {
    String sql =
        """
        SELECT attname AS name
        FROM pg_class JOIN pg_index ON pg_class.oid = indrelid AND indisprimary
          CROSS JOIN unnest(indkey) WITH ORDINALITY AS keys (number, position)
          JOIN pg_attribute ON attrelid = pg_class.oid AND attnum = number
        WHERE pg_class.oid = to_regclass(:table) AND relkind = 'p'
        ORDER BY position
        """;
    return new SqlStatement(connection, sql).bind("table", table).all(row -> row.text("name"));
  }

  /// Copies rows from a stream into a table.
  ///
  /// @param columns of the table, in the order of the values
  void in(String table, List<String> columns, InputStream rows) throws SQLException, IOException {
    long _ =
        connection
            .unwrap(PGConnection.class)
            .getCopyAPI()
            .copyIn(copyIn(table, columns), rows, BUFFER_BYTES);
  }

  /// Copies what is written to a stream into a table. The rows are complete when it is closed.
  ///
  /// @param columns of the table, in the order of the values
  OutputStream openIn(String table, List<String> columns) throws SQLException {
    return new PGCopyOutputStream(
        connection.unwrap(PGConnection.class), copyIn(table, columns), BUFFER_BYTES);
  }

  private static String copyIn(String table, List<String> columns) {
    return "COPY %s (%s) FROM STDIN".formatted(table, quoted(columns));
  }

  private static String quoted(List<String> columns) {
    return columns.stream()
        .map(column -> '"' + column.replace("\"", "\"\"") + '"')
        .collect(Collectors.joining(", "));
  }
}
