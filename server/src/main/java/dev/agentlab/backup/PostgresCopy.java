package dev.agentlab.backup;

import dev.agentlab.database.SqlStatement;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.sql.Connection;
import java.sql.SQLException;
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

  /// Copies all rows of a table to a stream.
  void out(String table, List<String> columns, OutputStream rows) throws SQLException, IOException {
    long _ =
        connection
            .unwrap(PGConnection.class)
            .getCopyAPI()
            .copyOut("COPY %s (%s) TO STDOUT".formatted(table, quoted(columns)), rows);
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
