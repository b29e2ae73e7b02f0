package dev.agentlab.listing;

import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.memory.JsonFootprint;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// The rows of a page whose JSON may be of any size: read together only if an answer has room for
/// them. A row that is alone on its page is read whatever its size.
///
/// @param table the table's name
/// @param columns the columns of a row, in the order a [Listing.RowReader] reads them
/// @param key the columns that tell the table's rows apart, with commas between
/// @param json the columns that are large
/// @param parsed whether the JSON becomes trees, which take many times its text
public record BoundedRows(
    String table, List<String> columns, String key, List<String> json, boolean parsed) {
  /// Bytes of JSON on a page, and of memory for its trees: answering takes a few times as much, a
  /// quarter of what the service has.
  private static final long MOST_BYTES = 8 << 20;

  private static final long MOST_OF_TREES = 16 << 20;

  public BoundedRows {
    columns = List.copyOf(columns);
    json = List.copyOf(json);
  }

  /// The statement that answers the rows of a page to [#read].
  ///
  /// @param page selects the key of each row of the page, from no more than an index holds
  /// @param order as it stands after `ORDER BY`
  public String select(String page, String order) {
    // One statement, because between two a row could grow.
    return """
    WITH page AS (%1$s),
    sizes AS (SELECT count(*) AS page_rows, sum(%2$s) AS page_bytes FROM page JOIN %3$s USING (%4$s))
    SELECT %5$s, page_rows, page_bytes
    FROM sizes LEFT JOIN (page JOIN %3$s USING (%4$s)) ON page_bytes <= %6$d OR page_rows = 1
    ORDER BY %7$s
    """
        .formatted(
            page,
            json.isEmpty()
                ? "0"
                : json.stream()
                    .map("coalesce(octet_length(%s::text), 0)"::formatted)
                    .collect(Collectors.joining(" + ")),
            table,
            key,
            String.join(", ", columns),
            MOST_BYTES,
            order);
  }

  /// The rows of a page.
  ///
  /// @param statement of [#select]
  /// @throws InvalidInputException if there is no room for them together
  public <T> List<T> read(PreparedStatement statement, Listing.RowReader<T> reader)
      throws SQLException {
    List<T> values = new ArrayList<>();
    long trees = 0;
    try (ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        long rows = row.getLong("page_rows");
        long bytes = row.getLong("page_bytes");
        if (rows == 0) {
          break;
        }
        // Of rows with too many bytes only their number has come.
        boolean fits = rows == 1 || bytes <= MOST_BYTES;
        trees += fits && parsed ? trees(row) : 0;
        if (!fits || (rows > 1 && trees > MOST_OF_TREES)) {
          throw tooLarge(rows, bytes);
        }
        values.add(reader.read(row));
      }
    }
    return values;
  }

  private long trees(ResultSet row) throws SQLException {
    long bytes = 0;
    for (String column : json) {
      bytes += JsonFootprint.ofTree(JsonFootprint.nodes(row.getBytes(column)));
    }
    return bytes;
  }

  private static InvalidInputException tooLarge(long rows, long bytes) {
    return new InvalidInputException(
        "page_size",
        "the %d rows of this page are too large to be shown together, %d bytes of JSON;"
                .formatted(rows, bytes)
            + " ask for a smaller page_size");
  }
}
