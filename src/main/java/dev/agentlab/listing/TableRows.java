package dev.agentlab.listing;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// Reads, locks and deletes single rows of a table with the primary key `id`.
public final class TableRows<R> {
  private final String columns;
  private final String select;
  private final String delete;
  private final ListingQuery.RowReader<R> reader;

  /// Creates the rows of a table.
  ///
  /// @param columns the columns of a row, in the order in which the reader reads them
  public TableRows(String table, List<String> columns, ListingQuery.RowReader<R> reader) {
    this.columns = String.join(", ", columns);
    select = "SELECT %s FROM %s WHERE id = ?".formatted(this.columns, table);
    delete = "DELETE FROM %s WHERE id = ?".formatted(table);
    this.reader = reader;
  }

  /// The comma-separated columns, for a `RETURNING` clause.
  public String columns() {
    return columns;
  }

  public Optional<R> find(Connection connection, UUID id) throws SQLException {
    return find(connection, select, id);
  }

  /// Finds a row and locks it until the transaction ends, so that concurrent changes are
  /// serialized.
  public Optional<R> lock(Connection connection, UUID id) throws SQLException {
    return find(connection, select + " FOR UPDATE", id);
  }

  private Optional<R> find(Connection connection, String sql, UUID id) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setObject(1, id);
      return first(statement);
    }
  }

  /// Executes a query and reads the first row, if any.
  public Optional<R> first(PreparedStatement statement) throws SQLException {
    return Rows.first(statement, reader);
  }

  /// Deletes a row. Does nothing if it does not exist.
  public void delete(Connection connection, UUID id) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(delete)) {
      statement.setObject(1, id);
      statement.executeUpdate();
    }
  }
}
