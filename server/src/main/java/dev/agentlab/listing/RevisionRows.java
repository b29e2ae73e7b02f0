package dev.agentlab.listing;

import dev.agentlab.database.RowMapper;
import dev.agentlab.database.SqlStatement;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The rows of a table of revisions. One is inserted with each change of a row of another table,
/// its owner, which has the number of its newest revision in the column `version`.
public final class RevisionRows<R> {
  private final String table;
  private final String ownerTable;
  private final String owner;
  private final String content;
  private final String find;
  private final OwnedRows<R> rows;
  private final RowMapper<R> mapper;

  /// Creates the rows of a table, which has the columns `revision` and `created_at` too.
  ///
  /// @param owner the column that identifies the owner
  /// @param content the columns of the owner that are kept, under the same names; `config`, of any
  ///   size, is one of them
  public RevisionRows(
      String table, String ownerTable, String owner, List<String> content, RowMapper<R> mapper) {
    List<String> columns =
        Stream.of(List.of("revision"), content, List.of("created_at"))
            .flatMap(List::stream)
            .toList();
    this.table = table;
    this.ownerTable = ownerTable;
    this.owner = owner;
    this.content = content.stream().map(it -> it + ", ").collect(Collectors.joining());
    this.mapper = mapper;
    find =
        "SELECT %s FROM %s WHERE %s = :owner AND revision = :revision"
            .formatted(String.join(", ", columns), table, owner);
    rows =
        new OwnedRows<>(
            new BoundedRows(table, columns, owner + ", revision", List.of("config"), true),
            owner,
            "revision DESC",
            mapper);
  }

  /// Returns a statement that applies a change to the owner, inserts the changed row as a revision,
  /// and returns it.
  ///
  /// @param change an INSERT or UPDATE of one row, without `RETURNING`
  /// @param columns those of the owner that are returned
  public String withInsert(String change, String columns) {
    return """
    WITH changed AS (%s RETURNING %s.*),
    kept AS (
      INSERT INTO %s (%s, revision, %screated_at)
      SELECT id, version, %supdated_at FROM changed
    )
    SELECT %s FROM changed
    """
        .formatted(change, ownerTable, table, owner, content, content, columns);
  }

  /// Reads a page of the revisions of an owner, the newest first.
  ///
  /// @throws dev.agentlab.errors.InvalidInputException if the rows exceed the size limit
  public Page<R> page(Connection connection, UUID id, PageRange window) throws SQLException {
    return rows.page(connection, id, window);
  }

  /// Reads one revision of an owner, if there is one with this number.
  public Optional<R> find(Connection connection, UUID id, long revision) throws SQLException {
    return new SqlStatement(connection, find)
        .bind("owner", id)
        .bind("revision", revision)
        .first(mapper);
  }
}
