package dev.agentlab.listing;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// The rows of a table whose key is `id`, one at a time.
public final class TableRows<R> {
  private final String columns;
  private final String select;
  private final String delete;
  private final Listing.RowReader<R> reader;

  /// @param columns the columns of a row, in the order the reader reads them
  public TableRows(String table, List<String> columns, Listing.RowReader<R> reader) {
    this.columns = String.join(", ", columns);
    select = "SELECT %s FROM %s WHERE id = ?".formatted(this.columns, table);
    delete = "DELETE FROM %s WHERE id = ?".formatted(table);
    this.reader = reader;
  }

  /// The columns as they stand after `RETURNING`.
  public String columns() {
    return columns;
  }

  public Optional<R> find(Connection connection, UUID id) throws SQLException {
    return find(connection, select, id);
  }

  /// The row, locked until the transaction ends, so that of two racing changes one sees the other.
  public Optional<R> lock(Connection connection, UUID id) throws SQLException {
    return find(connection, select + " FOR UPDATE", id);
  }

  private Optional<R> find(Connection connection, String sql, UUID id) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setObject(1, id);
      return first(statement);
    }
  }

  /// The first row that a statement answers.
  public Optional<R> first(PreparedStatement statement) throws SQLException {
    return Rows.first(statement, reader);
  }

  /// Removes the row, if there is one.
  public void delete(Connection connection, UUID id) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(delete)) {
      statement.setObject(1, id);
      statement.executeUpdate();
    }
  }
}
