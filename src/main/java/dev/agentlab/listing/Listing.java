package dev.agentlab.listing;

import dev.agentlab.errors.FieldErrors;
import dev.agentlab.errors.InvalidInputException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/// A table as a listing: which columns are shown, searched and sorted by. The table has a unique
/// `id`, a unique `name`, and its row count in `table_totals`.
///
/// A caller's text reaches the database only as a parameter; names of tables and columns come only
/// from here.
///
/// @param table the table's name
/// @param columns the columns of a row, in the order a [RowReader] reads them
/// @param searched the text column that a search looks into
/// @param sortable the columns a caller may sort by; the first is the usual order
/// @param json the columns that hold JSON of any size
public record Listing(
    String table, List<String> columns, String searched, List<String> sortable, List<String> json) {
  /// Makes a value of the row a result set stands on.
  @FunctionalInterface
  public interface RowReader<T> {
    T read(ResultSet row) throws SQLException;
  }

  public Listing {
    columns = List.copyOf(columns);
    sortable = List.copyOf(sortable);
    json = List.copyOf(json);
  }

  /// A table whose rows are small.
  public Listing(String table, List<String> columns, String searched, List<String> sortable) {
    this(table, columns, searched, sortable, List.of());
  }

  /// The page a request asks for.
  ///
  /// @throws InvalidInputException if the request sorts by an unknown field or searches for what no
  ///   row can hold, or the rows of the page are too large to be shown together
  public <T> Page<T> page(
      Connection connection, SearchRequest request, PageLimits limits, RowReader<T> reader)
      throws SQLException {
    FieldErrors faults = new FieldErrors();
    Optional<Ordering> order = faults.noting(() -> Ordering.of(request, sortable));
    Optional<Filter> wanted = faults.noting(() -> Filter.of(request, searched));
    faults.refuse();
    Ordering ordering = order.orElseThrow();
    Filter filter = wanted.orElseThrow();
    PageWindow window = limits.window(PageRequest.of(request.page(), request.pageSize()));
    List<T> rows = rows(connection, ordering, filter, window, reader);
    return Page.of(rows, total(connection, filter), window);
  }

  private <T> List<T> rows(
      Connection connection,
      Ordering ordering,
      Filter filter,
      PageWindow window,
      RowReader<T> reader)
      throws SQLException {
    // The inner query asks for nothing beside what an index holds, so that it skips to the page
    // within the index; whole rows are read for the page alone.
    String page =
        "SELECT %1$s FROM %2$s %3$s ORDER BY %4$s LIMIT ? OFFSET ?"
            .formatted(ordering.key(), table, filter.sql(), ordering.sql());
    BoundedRows rows = new BoundedRows(table, columns, ordering.key(), json, true);
    try (PreparedStatement statement =
        connection.prepareStatement(rows.select(page, ordering.sql()))) {
      int next = filter.bind(statement);
      statement.setInt(next++, window.size());
      statement.setLong(next, window.offset());
      return rows.read(statement, reader);
    }
  }

  private long total(Connection connection, Filter filter) throws SQLException {
    // Counting 100,000 rows would cost more than the page: triggers keep the whole table's count.
    String sql =
        filter.isEmpty()
            ? "SELECT sum(total) FROM table_totals WHERE table_name = '%s'".formatted(table)
            : "SELECT count(*) FROM %s %s".formatted(table, filter.sql());
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      filter.bind(statement);
      return Rows.number(statement);
    }
  }
}
