package dev.agentlab.database;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A SQL statement with named parameters, such as `SELECT name FROM agents WHERE id = :id`. Casts
/// (`::jsonb`) and literals are not parameters; comments are not supported.
///
/// The same text is sent as the same text, so that the driver reuses its prepared statement. Values
/// belong into parameters, never into the text.
public final class SqlStatement {
  private static final int MAX_PARSED = 1_000;

  /// Texts are composed of constants of the program, but filters can be combined in many ways.
  private static final Cache<String, ParsedSql> PARSED =
      Caffeine.newBuilder().maximumSize(MAX_PARSED).executor(Runnable::run).build();

  private final Connection connection;
  private final ParsedSql sql;
  private final Map<String, @Nullable Object> values = new HashMap<>();

  public SqlStatement(Connection connection, String sql) {
    this.connection = connection;
    this.sql = PARSED.get(sql, ParsedSql::of);
  }

  /// Sets a parameter, at each of its places.
  ///
  /// @param value a value that the driver converts, an [Instant], null, or an [Optional] of these
  /// @throws IllegalArgumentException if there is no such parameter
  public SqlStatement bind(String parameter, @Nullable Object value) {
    if (!sql.parameters().contains(parameter)) {
      throw new IllegalArgumentException(
          "no parameter :%s in: %s".formatted(parameter, sql.text()));
    }
    Object given = value instanceof Optional<?> optional ? optional.orElse(null) : value;
    values.put(
        parameter, given instanceof Instant instant ? instant.atOffset(ZoneOffset.UTC) : given);
    return this;
  }

  /// Sets a parameter to an array.
  ///
  /// @param type the SQL type of the elements, such as `uuid`
  /// @param elements of type `byte[][]` if the elements are bytes
  public SqlStatement bindArray(String parameter, String type, @Nullable Object[] elements)
      throws SQLException {
    return bind(parameter, connection.createArrayOf(type, elements));
  }

  /// Executes a query and maps the first row; empty if there is none.
  public <T> Optional<T> first(RowMapper<T> mapper) throws SQLException {
    return execute(statement -> {
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() ? Optional.of(mapper.map(new Row(rows))) : Optional.empty();
      }
    });
  }

  /// Executes a query that returns a row in any case, such as a count, and maps the row.
  public <T> T one(RowMapper<T> mapper) throws SQLException {
    return first(mapper).orElseThrow();
  }

  /// Executes a query and maps all rows, in order.
  public <T> List<T> all(RowMapper<T> mapper) throws SQLException {
    return execute(statement -> {
      List<T> mapped = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery()) {
        Row row = new Row(rows);
        while (rows.next()) {
          mapped.add(mapper.map(row));
        }
      }
      return mapped;
    });
  }

  /// Executes a statement that returns no rows.
  ///
  /// @return the number of rows that it changed
  public int update() throws SQLException {
    return execute(PreparedStatement::executeUpdate);
  }

  private interface Execution<T> {
    T run(PreparedStatement statement) throws SQLException;
  }

  private <T> T execute(Execution<T> execution) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql.text())) {
      int position = 1;
      for (String parameter : sql.parameters()) {
        if (!values.containsKey(parameter)) {
          throw new IllegalStateException(
              "no value of :%s in: %s".formatted(parameter, sql.text()));
        }
        statement.setObject(position++, values.get(parameter));
      }
      return execution.run(statement);
    }
  }

  /// A statement as JDBC expects it.
  ///
  /// @param text the statement with `?` for each parameter
  /// @param parameters the name of each `?`
  private record ParsedSql(String text, List<String> parameters) {
    static ParsedSql of(String sql) {
      StringBuilder text = new StringBuilder();
      List<String> parameters = new ArrayList<>();
      boolean isLiteral = false;
      int position = 0;
      while (position < sql.length()) {
        int end = isLiteral ? position : endOfName(sql, position);
        if (end > position + 1) {
          parameters.add(sql.substring(position + 1, end));
          text.append('?');
          position = end;
        } else {
          char next = sql.charAt(position++);
          isLiteral ^= next == '\'';
          text.append(next);
        }
      }
      return new ParsedSql(text.toString(), List.copyOf(parameters));
    }

    /// The end of the parameter at a position; the position itself if none starts there.
    private static int endOfName(String sql, int start) {
      if (sql.charAt(start) != ':' || (start > 0 && sql.charAt(start - 1) == ':')) {
        return start;
      }
      int end = start + 1;
      while (end < sql.length() && Character.isJavaIdentifierPart(sql.charAt(end))) {
        end++;
      }
      return end;
    }
  }
}
