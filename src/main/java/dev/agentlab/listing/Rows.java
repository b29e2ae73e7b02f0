package dev.agentlab.listing;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The rows that a statement answers.
public final class Rows {
  private Rows() {}

  /// The first of them, if there is one.
  public static <T> Optional<T> first(PreparedStatement statement, Listing.RowReader<T> reader)
      throws SQLException {
    try (ResultSet rows = statement.executeQuery()) {
      return rows.next() ? Optional.of(reader.read(rows)) : Optional.empty();
    }
  }

  /// All of them, in their order.
  public static <T> List<T> all(PreparedStatement statement, Listing.RowReader<T> reader)
      throws SQLException {
    List<T> values = new ArrayList<>();
    try (ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        values.add(reader.read(rows));
      }
    }
    return values;
  }

  /// The time in a column that is never null.
  public static Instant instant(ResultSet row, int column) throws SQLException {
    return row.getObject(column, OffsetDateTime.class).toInstant();
  }

  /// The number in the one row that a statement such as a count answers.
  public static long number(PreparedStatement statement) throws SQLException {
    return first(statement, row -> row.getLong(1)).orElseThrow();
  }
}
