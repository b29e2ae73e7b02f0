package dev.agentlab.listing;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.UUID;

/// The rows of a table that reference one row of another table, in pages with a fixed order.
public final class OwnedRows<R> {
  private final BoundedRows rows;
  private final String select;
  private final String count;
  private final ListingQuery.RowReader<R> reader;

  /// Creates the rows of a table.
  ///
  /// @param rows the table, with the columns in the order in which the reader reads them
  /// @param owner the column that references the other row
  /// @param order the `ORDER BY` expressions, a total order of the rows of one owner
  public OwnedRows(BoundedRows rows, String owner, String order, ListingQuery.RowReader<R> reader) {
    this.rows = rows;
    String page =
        "SELECT %s FROM %s WHERE %s = ? ORDER BY %s LIMIT ? OFFSET ?"
            .formatted(rows.keyColumns(), rows.table(), owner, order);
    select = rows.select(page, order);
    count = "SELECT count(*) FROM %s WHERE %s = ?".formatted(rows.table(), owner);
    this.reader = reader;
  }

  /// Reads a page of the rows that reference an owner.
  ///
  /// @throws dev.agentlab.errors.InvalidInputException if the rows exceed the size limit
  public Page<R> page(Connection connection, UUID owner, PageRange window) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(select)) {
      statement.setObject(1, owner);
      statement.setInt(2, window.size());
      statement.setLong(3, window.offset());
      return Page.of(rows.read(statement, reader), total(connection, owner), window);
    }
  }

  private long total(Connection connection, UUID owner) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(count)) {
      statement.setObject(1, owner);
      return Rows.number(statement);
    }
  }
}
