package dev.agentlab.listing;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Reads the rows of a query result.
public final class Rows {
  private Rows() {}

  /// Executes a query and reads the first row, if any.
  public static <T> Optional<T> first(PreparedStatement statement, ListingQuery.RowReader<T> reader)
      throws SQLException {
    try (ResultSet rows = statement.executeQuery()) {
      return rows.next() ? Optional.of(reader.read(rows)) : Optional.empty();
    }
  }

  /// Executes a query and reads all rows, in order.
  public static <T> List<T> all(PreparedStatement statement, ListingQuery.RowReader<T> reader)
      throws SQLException {
    List<T> values = new ArrayList<>();
    try (ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        values.add(reader.read(rows));
      }
    }
    return values;
  }

  /// Reads a timestamp from a column that is not null.
  public static Instant instant(ResultSet row, int column) throws SQLException {
    return row.getObject(column, OffsetDateTime.class).toInstant();
  }

  /// Executes a query that returns one number, such as a count.
  public static long number(PreparedStatement statement) throws SQLException {
    return first(statement, row -> row.getLong(1)).orElseThrow();
  }
}
