package dev.agentlab.audit;

import dev.agentlab.database.Row;
import dev.agentlab.database.SqlStatement;
import dev.agentlab.listing.BoundedRows;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/// Reads rows of the table `audit`.
final class PostgresAuditRows {
  /// The columns of a change.
  static final String CHANGE_COLUMNS =
      "at, caller_kind, caller_id, caller_name, address, request_id, action, kind,"
          + " resource_id, resource_name, before, after";

  /// All columns.
  static final String COLUMNS = "seq, %s, previous_hash, hash".formatted(CHANGE_COLUMNS);

  /// A page of rows, with JSON as text.
  static final BoundedRows PAGE =
      new BoundedRows("audit", List.of(COLUMNS), "seq", List.of("before", "after"), false);

  private PostgresAuditRows() {}

  /// Finds the rows from one `seq` to another, ordered by `seq`.
  static List<StoredAuditRow> findBetween(Connection connection, long first, long last)
      throws SQLException {
    String sql =
        "SELECT %s FROM audit WHERE seq BETWEEN :first AND :last ORDER BY seq".formatted(COLUMNS);
    return new SqlStatement(connection, sql)
        .bind("first", first)
        .bind("last", last)
        .all(PostgresAuditRows::read);
  }

  static StoredAuditRow read(Row row) throws SQLException {
    return new StoredAuditRow(
        new AuditRow(row.number("seq"), readChange(row), AuditHash.of(row.bytes("previous_hash"))),
        AuditHash.of(row.bytes("hash")));
  }

  /// Reads the columns [#CHANGE_COLUMNS].
  static HashedAuditFields readChange(Row row) throws SQLException {
    return new HashedAuditFields(
        row.instant("at"),
        row.text("caller_kind"),
        row.text("caller_id"),
        row.text("caller_name"),
        row.optionalText("address"),
        row.optionalText("request_id"),
        row.text("action"),
        row.text("kind"),
        row.text("resource_id"),
        row.text("resource_name"),
        row.optionalText("before"),
        row.optionalText("after"));
  }
}
