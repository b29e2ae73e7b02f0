package dev.agentlab.audit;

import dev.agentlab.listing.BoundedRows;
import dev.agentlab.listing.ListingQuery;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Reads rows of the table `audit`.
final class PostgresAuditRows {
  /// The columns of a change, in the order in which [#readChange] reads them.
  static final String CHANGE_COLUMNS =
      "at, caller_kind, caller_id, caller_name, address, request_id, action, kind,"
          + " resource_id, resource_name, before, after";

  /// All columns, in the order in which [#read] reads them.
  static final String COLUMNS = "seq, %s, previous_hash, hash".formatted(CHANGE_COLUMNS);

  /// A page of rows, with JSON as text.
  static final BoundedRows PAGE =
      new BoundedRows("audit", List.of(COLUMNS), "seq", List.of("before", "after"), false);

  private PostgresAuditRows() {}

  /// Reads all rows that a statement returns.
  static <T> List<T> readAll(PreparedStatement statement, ListingQuery.RowReader<T> reader)
      throws SQLException {
    List<T> rows = new ArrayList<>();
    try (ResultSet found = statement.executeQuery()) {
      while (found.next()) {
        rows.add(reader.read(found));
      }
    }
    return rows;
  }

  /// Finds the rows from one `seq` to another, ordered by `seq`.
  static List<StoredAuditRow> findBetween(Connection connection, long first, long last)
      throws SQLException {
    String sql = "SELECT %s FROM audit WHERE seq BETWEEN ? AND ? ORDER BY seq".formatted(COLUMNS);
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setLong(1, first);
      statement.setLong(2, last);
      return readAll(statement, PostgresAuditRows::read);
    }
  }

  static StoredAuditRow read(ResultSet row) throws SQLException {
    return new StoredAuditRow(
        new AuditRow(row.getLong(1), readChange(row, 2), AuditHash.of(row.getBytes(14))),
        AuditHash.of(row.getBytes(15)));
  }

  /// Reads the columns [#CHANGE_COLUMNS].
  ///
  /// @param first the index of the first of them
  static RecordedChange readChange(ResultSet row, int first) throws SQLException {
    return new RecordedChange(
        row.getObject(first, OffsetDateTime.class).toInstant(),
        row.getString(first + 1),
        row.getString(first + 2),
        row.getString(first + 3),
        Optional.ofNullable(row.getString(first + 4)),
        Optional.ofNullable(row.getString(first + 5)),
        row.getString(first + 6),
        row.getString(first + 7),
        row.getString(first + 8),
        row.getString(first + 9),
        Optional.ofNullable(row.getString(first + 10)),
        Optional.ofNullable(row.getString(first + 11)));
  }
}
