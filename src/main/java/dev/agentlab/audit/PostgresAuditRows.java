package dev.agentlab.audit;

import dev.agentlab.listing.BoundedRows;
import dev.agentlab.listing.Listing;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// How a row of the table `audit` is read.
final class PostgresAuditRows {
  /// What a row says of a change, in the order in which [#change] reads it.
  static final String CHANGE =
      "at, caller_kind, caller_id, caller_name, address, request_id, action, kind,"
          + " resource_id, resource_name, before, after";

  /// In the order in which [#read] reads them.
  static final String COLUMNS = "seq, %s, previous_hash, hash".formatted(CHANGE);

  /// A page of them, their JSON passed on as text.
  static final BoundedRows PAGE =
      new BoundedRows("audit", List.of(COLUMNS), "seq", List.of("before", "after"), false);

  private PostgresAuditRows() {}

  /// All rows that a statement answers.
  static <T> List<T> all(PreparedStatement statement, Listing.RowReader<T> reader)
      throws SQLException {
    List<T> rows = new ArrayList<>();
    try (ResultSet found = statement.executeQuery()) {
      while (found.next()) {
        rows.add(reader.read(found));
      }
    }
    return rows;
  }

  /// The rows from one `seq` to another, in their order.
  static List<StoredAuditRow> between(Connection connection, long first, long last)
      throws SQLException {
    String sql = "SELECT %s FROM audit WHERE seq BETWEEN ? AND ? ORDER BY seq".formatted(COLUMNS);
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setLong(1, first);
      statement.setLong(2, last);
      return all(statement, PostgresAuditRows::read);
    }
  }

  static StoredAuditRow read(ResultSet row) throws SQLException {
    return new StoredAuditRow(
        new AuditRow(row.getLong(1), change(row, 2), AuditHash.of(row.getBytes(14))),
        AuditHash.of(row.getBytes(15)));
  }

  /// The columns [#CHANGE], from one on.
  static RecordedChange change(ResultSet row, int first) throws SQLException {
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
