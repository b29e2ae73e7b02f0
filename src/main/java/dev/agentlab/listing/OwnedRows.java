package dev.agentlab.listing;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.UUID;

/// The rows of a table that name one row of another, in pages of a fixed order.
public final class OwnedRows<R> {
  private final BoundedRows rows;
  private final String select;
  private final String count;
  private final Listing.RowReader<R> reader;

  /// @param rows with the columns of a row in the order the reader reads them
  /// @param owner the column that names the other row
  /// @param order as it stands after `ORDER BY`; total among the rows of one owner
  public OwnedRows(BoundedRows rows, String owner, String order, Listing.RowReader<R> reader) {
    this.rows = rows;
    String page =
        "SELECT %s FROM %s WHERE %s = ? ORDER BY %s LIMIT ? OFFSET ?"
            .formatted(rows.key(), rows.table(), owner, order);
    select = rows.select(page, order);
    count = "SELECT count(*) FROM %s WHERE %s = ?".formatted(rows.table(), owner);
    this.reader = reader;
  }

  /// A page of the rows that name the owner.
  ///
  /// @throws dev.agentlab.errors.InvalidInputException if they are too large to be shown together
  public Page<R> page(Connection connection, UUID owner, PageWindow window) throws SQLException {
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
