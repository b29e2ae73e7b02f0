package dev.agentlab.audit;

import dev.agentlab.query.BoundedRows;
import dev.agentlab.query.Listing;
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
  /// In the order in which [#read] reads them.
  static final String COLUMNS =
      "seq, at, caller_kind, caller_id, caller_name, address, request_id, action, kind,"
          + " resource_id, resource_name, before, after, previous_hash, hash";

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
  static List<RecordedRow> between(Connection connection, long first, long last)
      throws SQLException {
    String sql = "SELECT %s FROM audit WHERE seq BETWEEN ? AND ? ORDER BY seq".formatted(COLUMNS);
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setLong(1, first);
      statement.setLong(2, last);
      return all(statement, PostgresAuditRows::read);
    }
  }

  static RecordedRow read(ResultSet row) throws SQLException {
    return new RecordedRow(
        new AuditRow(
            row.getLong(1),
            row.getObject(2, OffsetDateTime.class).toInstant(),
            row.getString(3),
            row.getString(4),
            row.getString(5),
            Optional.ofNullable(row.getString(6)),
            Optional.ofNullable(row.getString(7)),
            row.getString(8),
            row.getString(9),
            row.getString(10),
            row.getString(11),
            Optional.ofNullable(row.getString(12)),
            Optional.ofNullable(row.getString(13)),
            Hash.of(row.getBytes(14))),
        Hash.of(row.getBytes(15)));
  }
}
