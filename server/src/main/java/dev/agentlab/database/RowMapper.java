package dev.agentlab.database;

import java.sql.SQLException;

/// Creates a value from a row of a query result.
@FunctionalInterface
public interface RowMapper<T> {
  T map(Row row) throws SQLException;
}
