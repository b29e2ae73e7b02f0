package dev.agentlab.listing;

import dev.agentlab.database.RowMapper;
import dev.agentlab.database.SqlStatement;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/// The rows of a table that belong to one owner, such as a row of another table, in pages with a
/// fixed order.
public final class OwnedRows<R> {
  private final BoundedRows rows;
  private final String select;
  private final String count;
  private final RowMapper<R> mapper;

  /// Creates the rows of a table.
  ///
  /// @param rows the table
  /// @param owner the column that identifies the owner
  /// @param order the `ORDER BY` expressions, a total order of the rows of one owner
  public OwnedRows(BoundedRows rows, String owner, String order, RowMapper<R> mapper) {
    this.rows = rows;
    String page =
        "SELECT %s FROM %s WHERE %s = :owner ORDER BY %s LIMIT :limit OFFSET :offset"
            .formatted(rows.keyColumns(), rows.table(), owner, order);
    select = rows.select(page, order);
    count = "SELECT count(*) AS total FROM %s WHERE %s = :owner".formatted(rows.table(), owner);
    this.mapper = mapper;
  }

  /// Reads a page of the rows of an owner.
  ///
  /// @param owner the value of the column
  /// @throws dev.agentlab.errors.InvalidInputException if the rows exceed the size limit
  public Page<R> page(Connection connection, Object owner, PageRange window) throws SQLException {
    List<R> page =
        rows.read(
            new SqlStatement(connection, select)
                .bind("owner", owner)
                .bind("limit", window.size())
                .bind("offset", window.offset()),
            mapper);
    long total =
        new SqlStatement(connection, count).bind("owner", owner).one(row -> row.number("total"));
    return Page.of(page, total, window);
  }
}
