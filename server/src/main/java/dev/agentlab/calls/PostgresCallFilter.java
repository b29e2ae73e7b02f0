package dev.agentlab.calls;

import dev.agentlab.database.SqlStatement;
import dev.agentlab.json.Json;
import dev.agentlab.security.Caller;
import dev.agentlab.security.CallerId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The conditions of a query for calls as SQL.
final class PostgresCallFilter {
  private static final String IS_CALLER = "caller_id = :self_id AND caller_kind = :self_kind";
  private static final String IS_OWNED = "owner = :self_owner AND NOT (%s)".formatted(IS_CALLER);

  /// A constant, so that a plan for any parameter can use the indexes of unsuccessful calls.
  private static final String IS_UNSUCCESSFUL = " AND status <> 'ok'";

  private final List<String> conditions = new ArrayList<>();
  private final Map<String, Object> values = new TreeMap<>();

  /// The conditions of a query.
  static PostgresCallFilter of(CallQuery query) {
    PostgresCallFilter filter = new PostgresCallFilter();
    query.from().ifPresent(it -> filter.add("started_at >= :from", "from", it));
    query.to().ifPresent(it -> filter.add("started_at < :to", "to", it));
    query
        .after()
        .ifPresent(it -> {
          filter.add("(started_at, id) < (:after_time, :after_id)", "after_time", it.startedAt());
          filter.values.put("after_id", it.id());
        });
    query
        .key()
        .ifPresent(
            it -> filter.add("caller_id = :key AND caller_kind = 'key'", "key", it.toString()));
    query.owner().ifPresent(it -> filter.add("owner = :owner", "owner", it));
    query.agent().ifPresent(it -> filter.add("agent_id = :agent", "agent", it));
    query.route().ifPresent(it -> filter.add("route_id = :route", "route", it));
    query.status().ifPresent(filter::addStatus);
    for (String column : CallQuery.TEXTS) {
      String text = query.texts().get(column);
      if (text != null) {
        String unsuccessful =
            column.equals("outcome") && !text.equals("success") ? IS_UNSUCCESSFUL : "";
        filter.add("%1$s = :%1$s%2$s".formatted(column, unsuccessful), column, text);
      }
    }
    if (!query.tags().isEmpty()) {
      filter.add("tags @> :tags::jsonb", "tags", Json.MAPPER.writeValueAsString(query.tags()));
    }
    return filter;
  }

  private void addStatus(CallStatus status) {
    String unsuccessful = status == CallStatus.OK ? "" : IS_UNSUCCESSFUL;
    add("status = :status" + unsuccessful, "status", status.toString());
  }

  private void add(String condition, String parameter, Object value) {
    conditions.add(condition);
    values.put(parameter, value);
  }

  /// A query for the first rows that match, the newest first. The rows of a caller and those of the
  /// keys that it owns are found in two indexes.
  ///
  /// @param columns the columns of a row
  String select(String columns, Optional<Caller> owner) {
    return owner.isEmpty()
        ? branch(columns, conditions)
        : "SELECT * FROM ((%s) UNION ALL (%s)) AS own ORDER BY started_at DESC, id DESC LIMIT :limit"
            .formatted(
                branch(columns, and(conditions, IS_CALLER)),
                branch(columns, and(conditions, IS_OWNED)));
  }

  private static List<String> and(List<String> conditions, String condition) {
    List<String> all = new ArrayList<>(conditions);
    all.add(condition);
    return all;
  }

  private static String branch(String columns, List<String> conditions) {
    return "SELECT %s FROM calls%s ORDER BY started_at DESC, id DESC LIMIT :limit"
        .formatted(
            columns, conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions));
  }

  /// Sets the parameters of [#select].
  SqlStatement bind(SqlStatement statement, int limit, Optional<Caller> owner) {
    values.forEach(statement::bind);
    return bindOwner(statement.bind("limit", limit), owner);
  }

  private static SqlStatement bindOwner(SqlStatement statement, Optional<Caller> owner) {
    owner.ifPresent(caller ->
        statement
            .bind("self_id", caller.id())
            .bind("self_kind", caller.kind().toString())
            .bind("self_owner", CallerId.of(caller).toString()));
    return statement;
  }

  /// A filter for one condition.
  static PostgresCallFilter of(String condition, Map<String, Object> values) {
    PostgresCallFilter filter = new PostgresCallFilter();
    filter.conditions.add(condition);
    filter.values.putAll(values);
    return filter;
  }
}
