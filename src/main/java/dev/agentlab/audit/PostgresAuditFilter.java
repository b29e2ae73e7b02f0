package dev.agentlab.audit;

import dev.agentlab.listing.ListingQuery;
import dev.agentlab.listing.Page;
import dev.agentlab.listing.PageRange;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// An [AuditQuery] as SQL.
///
/// @param conditions the conditions that a row must match; empty to match every row
record PostgresAuditFilter(List<Condition> conditions) {

  /// @param sql a condition with one parameter
  record Condition(String sql, Object value) {}

  PostgresAuditFilter {
    conditions = List.copyOf(conditions);
  }

  static PostgresAuditFilter of(AuditQuery query) {
    List<Condition> conditions = new ArrayList<>();
    addText(conditions, "action", query.action());
    addText(conditions, "kind", query.kind());
    addText(conditions, "resource_id", query.resource());
    addText(conditions, "caller_id", query.caller());
    addTime(conditions, "at >= ?", query.from());
    addTime(conditions, "at < ?", query.to());
    return new PostgresAuditFilter(conditions);
  }

  private static void addText(List<Condition> conditions, String column, Optional<String> value) {
    value.ifPresent(it -> conditions.add(new Condition(column + " = ?", it)));
  }

  private static void addTime(List<Condition> conditions, String sql, Optional<Instant> value) {
    value.ifPresent(it -> conditions.add(new Condition(sql, it.atOffset(ZoneOffset.UTC))));
  }

  boolean isEmpty() {
    return conditions.isEmpty();
  }

  <T> Page<T> findPage(Connection connection, PageRange window, ListingQuery.RowReader<T> reader)
      throws SQLException {
    String where = conditions.stream().map(Condition::sql).collect(Collectors.joining(" AND "));
    // The inner query finds the page in an index; full rows are read for the page only.
    String page =
        "SELECT seq FROM audit WHERE %s ORDER BY seq DESC LIMIT ? OFFSET ?".formatted(where);
    try (PreparedStatement statement =
        connection.prepareStatement(PostgresAuditRows.PAGE.select(page, "seq DESC"))) {
      int next = bind(statement);
      statement.setInt(next, window.size());
      statement.setLong(next + 1, window.offset());
      List<T> rows = PostgresAuditRows.PAGE.read(statement, reader);
      return Page.of(rows, countRows(connection, where), window);
    }
  }

  private long countRows(Connection connection, String where) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT count(*) FROM audit WHERE " + where)) {
      bind(statement);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    }
  }

  /// Sets the parameters and returns the index of the next one.
  private int bind(PreparedStatement statement) throws SQLException {
    int next = 1;
    for (Condition condition : conditions) {
      statement.setObject(next++, condition.value());
    }
    return next;
  }
}
