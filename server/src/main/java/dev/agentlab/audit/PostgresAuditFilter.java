package dev.agentlab.audit;

import dev.agentlab.database.RowMapper;
import dev.agentlab.database.SqlStatement;
import dev.agentlab.listing.Page;
import dev.agentlab.listing.PageRange;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// An [AuditQuery] as SQL.
///
/// @param conditions the conditions that a row must match; empty to match every row
record PostgresAuditFilter(List<Condition> conditions) {

  /// A condition such as `at >= :from`.
  ///
  /// @param operator the column and the operator
  /// @param parameter the name of the parameter
  record Condition(String operator, String parameter, Object value) {
    private String sql() {
      return "%s :%s".formatted(operator, parameter);
    }
  }

  PostgresAuditFilter {
    conditions = List.copyOf(conditions);
  }

  static PostgresAuditFilter of(AuditQuery query) {
    List<Condition> conditions = new ArrayList<>();
    add(conditions, "action =", "action", query.action());
    add(conditions, "kind =", "kind", query.kind());
    add(conditions, "resource_id =", "resource", query.resource());
    add(conditions, "caller_id =", "caller", query.caller());
    add(conditions, "at >=", "from", query.from());
    add(conditions, "at <", "to", query.to());
    return new PostgresAuditFilter(conditions);
  }

  private static void add(
      List<Condition> conditions, String operator, String parameter, Optional<?> value) {
    value.ifPresent(it -> conditions.add(new Condition(operator, parameter, it)));
  }

  boolean isEmpty() {
    return conditions.isEmpty();
  }

  <T> Page<T> findPage(Connection connection, PageRange window, RowMapper<T> mapper)
      throws SQLException {
    String where = conditions.stream().map(Condition::sql).collect(Collectors.joining(" AND "));
    // The inner query finds the page in an index; full rows are read for the page only.
    String page =
        "SELECT seq FROM audit WHERE %s ORDER BY seq DESC LIMIT :limit OFFSET :offset"
            .formatted(where);
    SqlStatement select =
        bind(new SqlStatement(connection, PostgresAuditRows.PAGE.select(page, "seq DESC")))
            .bind("limit", window.size())
            .bind("offset", window.offset());
    SqlStatement count =
        bind(new SqlStatement(connection, "SELECT count(*) AS total FROM audit WHERE " + where));
    return Page.of(
        PostgresAuditRows.PAGE.read(select, mapper), count.one(row -> row.number("total")), window);
  }

  private SqlStatement bind(SqlStatement statement) {
    conditions.forEach(it -> statement.bind(it.parameter(), it.value()));
    return statement;
  }
}
