package dev.agentlab.listing;

import dev.agentlab.database.RowMapper;
import dev.agentlab.database.SqlStatement;
import dev.agentlab.errors.FieldErrors;
import dev.agentlab.errors.InvalidInputException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/// A table that callers can list, search and sort. The table has a unique `id`, a unique `name`,
/// and its row count in `table_totals`.
///
/// Text from a caller is passed to the database as a parameter only; table and column names come
/// from this record only.
///
/// @param table the table name
/// @param columns the columns of a row
/// @param searchColumn the text column that a search applies to
/// @param sortColumns the columns that a caller can sort by; the first is the default order
/// @param jsonColumns the columns that contain JSON of any size
public record ListingQuery(
    String table,
    List<String> columns,
    String searchColumn,
    List<String> sortColumns,
    List<String> jsonColumns) {
  public ListingQuery {
    columns = List.copyOf(columns);
    sortColumns = List.copyOf(sortColumns);
    jsonColumns = List.copyOf(jsonColumns);
  }

  /// Creates a listing of a table without large JSON columns.
  public ListingQuery(
      String table, List<String> columns, String searchColumn, List<String> sortColumns) {
    this(table, columns, searchColumn, sortColumns, List.of());
  }

  /// Reads the page that a request selects.
  ///
  /// @throws InvalidInputException if the order or the filter is invalid, or the rows of the page
  ///   exceed the size limit
  public <T> Page<T> page(
      Connection connection, SearchRequest request, PageLimits limits, RowMapper<T> mapper)
      throws SQLException {
    FieldErrors errors = new FieldErrors();
    Optional<SortOrder> order = errors.collect(() -> SortOrder.of(request, sortColumns));
    Optional<Filter> wanted = errors.collect(() -> Filter.of(request, searchColumn));
    errors.throwIfAny();
    SortOrder ordering = order.orElseThrow();
    Filter filter = wanted.orElseThrow();
    PageRange window = limits.window(PageRequest.of(request.page(), request.pageSize()));
    List<T> rows = rows(connection, ordering, filter, window, mapper);
    return Page.of(rows, total(connection, filter), window);
  }

  private <T> List<T> rows(
      Connection connection,
      SortOrder ordering,
      Filter filter,
      PageRange window,
      RowMapper<T> mapper)
      throws SQLException {
    // The inner query is an index-only scan, which skips to the page within the index; full rows
    // are read for the page only.
    String page =
        "SELECT %1$s FROM %2$s %3$s ORDER BY %4$s LIMIT :limit OFFSET :offset"
            .formatted(ordering.uniqueColumn(), table, filter.sql(), ordering.sql());
    BoundedRows rows = new BoundedRows(table, columns, ordering.uniqueColumn(), jsonColumns, true);
    SqlStatement select =
        filter
            .bind(new SqlStatement(connection, rows.select(page, ordering.sql())))
            .bind("limit", window.size())
            .bind("offset", window.offset());
    return rows.read(select, mapper);
  }

  /// The number of rows of the table.
  public long count(Connection connection) throws SQLException {
    // Counting 100,000 rows would cost more than the page, so triggers maintain the table's count.
    String sql =
        "SELECT sum(total) AS total FROM table_totals WHERE table_name = '%s'".formatted(table);
    return new SqlStatement(connection, sql).one(row -> row.number("total"));
  }

  private long total(Connection connection, Filter filter) throws SQLException {
    if (filter.isEmpty()) {
      return count(connection);
    }
    String sql = "SELECT count(*) AS total FROM %s %s".formatted(table, filter.sql());
    return filter.bind(new SqlStatement(connection, sql)).one(row -> row.number("total"));
  }
}
