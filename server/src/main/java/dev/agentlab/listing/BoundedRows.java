package dev.agentlab.listing;

import dev.agentlab.database.Row;
import dev.agentlab.database.RowMapper;
import dev.agentlab.database.SqlStatement;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.memory.JsonFootprint;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/// Reads the rows of a page with a limit on the total size of their JSON. A page of one row has no
/// limit.
///
/// @param table the table name
/// @param columns the columns of a row
/// @param keyColumns the columns of a unique key of the table, comma-separated
/// @param jsonColumns the columns that contain JSON of any size
/// @param parsesJson whether the JSON is parsed to trees, which take many times the memory of the
///   text
public record BoundedRows(
    String table,
    List<String> columns,
    String keyColumns,
    List<String> jsonColumns,
    boolean parsesJson) {
  /// The maximum JSON text of a page. A response takes a few times this memory, a quarter of the
  /// memory of the service.
  private static final long MAX_JSON_BYTES = 8 << 20;

  /// The maximum memory of the JSON trees of a page.
  private static final long MAX_TREE_BYTES = 16 << 20;

  public BoundedRows {
    columns = List.copyOf(columns);
    jsonColumns = List.copyOf(jsonColumns);
  }

  /// Returns the SQL statement that selects the rows of a page for [#read].
  ///
  /// @param page a query for the keys of the page's rows, which can use an index-only scan
  /// @param order the `ORDER BY` expressions
  public String select(String page, String order) {
    // One statement, because a row could grow between two.
    return """
    WITH page AS (%1$s),
    sizes AS (SELECT count(*) AS page_rows, sum(%2$s) AS page_bytes FROM page JOIN %3$s USING (%4$s))
    SELECT %5$s, page_rows, page_bytes
    FROM sizes LEFT JOIN (page JOIN %3$s USING (%4$s)) ON page_bytes <= %6$d OR page_rows = 1
    ORDER BY %7$s
    """
        .formatted(
            page,
            jsonColumns.isEmpty()
                ? "0"
                : jsonColumns.stream()
                    .map("coalesce(octet_length(%s::text), 0)"::formatted)
                    .collect(Collectors.joining(" + ")),
            table,
            keyColumns,
            String.join(", ", columns),
            MAX_JSON_BYTES,
            order);
  }

  /// Reads the rows of a page.
  ///
  /// @param statement the statement of [#select]
  /// @throws InvalidInputException if the rows exceed the size limit together
  public <T> List<T> read(SqlStatement statement, RowMapper<T> mapper) throws SQLException {
    AtomicLong trees = new AtomicLong();
    return statement
        .all(row -> {
          long rows = row.number("page_rows");
          if (rows == 0) {
            return Optional.<T>empty();
          }
          long bytes = row.number("page_bytes");
          // If the rows have too many bytes, the result contains only their number and size.
          boolean fits = rows == 1 || bytes <= MAX_JSON_BYTES;
          long treeBytes = trees.addAndGet(fits && parsesJson ? treeBytes(row) : 0);
          if (!fits || (rows > 1 && treeBytes > MAX_TREE_BYTES)) {
            throw tooLarge(rows, bytes);
          }
          return Optional.of(mapper.map(row));
        })
        .stream()
        .flatMap(Optional::stream)
        .toList();
  }

  private long treeBytes(Row row) throws SQLException {
    long bytes = 0;
    for (String column : jsonColumns) {
      bytes += JsonFootprint.ofTree(JsonFootprint.countNodes(row.bytes(column)));
    }
    return bytes;
  }

  private static InvalidInputException tooLarge(long rows, long bytes) {
    return new InvalidInputException(
        "page_size",
        "the %d rows of this page have %d bytes of JSON, which is too large for one response;"
                .formatted(rows, bytes)
            + " use a smaller page_size");
  }
}
