package dev.agentlab.listing;

import dev.agentlab.database.RowMapper;
import dev.agentlab.database.SqlStatement;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// Reads, locks and deletes single rows of a table with the primary key `id`.
public final class TableRows<R> {
  private final String columns;
  private final String select;
  private final String delete;
  private final RowMapper<R> mapper;

  /// Creates the rows of a table.
  public TableRows(String table, List<String> columns, RowMapper<R> mapper) {
    this.columns = String.join(", ", columns);
    select = "SELECT %s FROM %s WHERE id = :id".formatted(this.columns, table);
    delete = "DELETE FROM %s WHERE id = :id".formatted(table);
    this.mapper = mapper;
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
    return new SqlStatement(connection, sql).bind("id", id).first(mapper);
  }

  /// Deletes a row. Does nothing if it does not exist.
  public void delete(Connection connection, UUID id) throws SQLException {
    new SqlStatement(connection, delete).bind("id", id).update();
  }
}
