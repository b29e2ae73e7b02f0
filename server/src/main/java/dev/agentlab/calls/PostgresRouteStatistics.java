package dev.agentlab.calls;

import dev.agentlab.calls.RouteStatistics.Latency;
import dev.agentlab.calls.RouteStatistics.TargetTotals;
import dev.agentlab.calls.RouteStatistics.Totals;
import dev.agentlab.database.Row;
import dev.agentlab.database.SqlStatement;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.UUID;

/// Reads the statistics of a route.
///
/// @param since the earliest start of a call
record PostgresRouteStatistics(Connection connection, UUID route, Instant since) {
  private static final String RECENT =
      """
      recent AS (
        SELECT id, target, decision->'order'->>0 AS first_target, status, outcome, attempts,
          duration_us, first_content_us, input, cached_input, cache_write_5m, cache_write_1h,
          output, reasoning
        FROM calls WHERE route_id = :route AND started_at >= :since)\
      """;

  /// Each call once for each target that it tried.
  private static final String TRIED =
      """
      tried AS (
        SELECT tried_target, recent.*, target = tried_target AS is_last
        FROM recent CROSS JOIN LATERAL (
          SELECT DISTINCT attempt->>'target' AS tried_target
          FROM jsonb_array_elements(attempts) AS attempt) AS targets)\
      """;

  private static final String TOKENS =
      """
      sum(input)%1$s AS input, sum(cached_input)%1$s AS cached_input,
      sum(cache_write_5m)%1$s AS cache_write_5m, sum(cache_write_1h)%1$s AS cache_write_1h,
      sum(output)%1$s AS output, sum(reasoning)%1$s AS reasoning\
      """;

  private static final String LATENCIES =
      """
      percentile_disc(0.5) WITHIN GROUP (ORDER BY duration_us) %1$s AS duration_p50,
      percentile_disc(0.95) WITHIN GROUP (ORDER BY duration_us) %1$s AS duration_p95,
      percentile_disc(0.5) WITHIN GROUP (ORDER BY first_content_us) %2$s AS content_p50,
      percentile_disc(0.95) WITHIN GROUP (ORDER BY first_content_us) %2$s AS content_p95\
      """;

  private static final String ALL_CALLS =
      """
      WITH %s
      SELECT count(*) AS calls,
        count(*) FILTER (WHERE status = 'failed') AS failed,
        count(*) FILTER (WHERE status = 'ok' AND target <> first_target) AS moved,
        count(*) FILTER (WHERE status = 'failed' AND first_content_us IS NOT NULL) AS ended_in_error,
        %s, %s
      FROM recent
      """
          .formatted(
              RECENT,
              TOKENS.formatted(""),
              LATENCIES.formatted("FILTER (WHERE status = 'ok')", ""));

  private static final String BY_TARGET =
      """
      WITH %s, %s
      SELECT tried_target, count(*) AS calls,
        count(*) FILTER (WHERE NOT is_last OR status = 'failed') AS failed,
        count(*) FILTER (WHERE NOT is_last AND status = 'ok') AS moved,
        count(*) FILTER (WHERE is_last AND status = 'failed' AND first_content_us IS NOT NULL)
          AS ended_in_error,
        %s, %s
      FROM tried GROUP BY tried_target ORDER BY tried_target
      """
          .formatted(
              RECENT,
              TRIED,
              TOKENS.formatted(" FILTER (WHERE is_last)"),
              LATENCIES.formatted(
                  "FILTER (WHERE is_last AND status = 'ok')", "FILTER (WHERE is_last)"));

  private static final String ERRORS =
      """
      WITH %s
      SELECT outcome, count(*) AS count FROM recent WHERE status = 'failed' GROUP BY outcome
      """
          .formatted(RECENT);

  private static final String ERRORS_BY_TARGET =
      """
      WITH %s
      SELECT attempt->>'target' AS tried_target, attempt->>'outcome' AS outcome, count(*) AS count
      FROM recent CROSS JOIN LATERAL jsonb_array_elements(attempts) AS attempt
      WHERE attempt->>'outcome' NOT IN ('success', 'cancelled')
      GROUP BY tried_target, attempt->>'outcome'
      """
          .formatted(RECENT);

  RouteStatistics.Period read() throws SQLException {
    Map<String, Long> errors = new TreeMap<>();
    for (Count count : statement(ERRORS).all(row -> count("", row))) {
      errors.put(count.outcome(), count.number());
    }
    Map<String, Map<String, Long>> errorsByTarget = new HashMap<>();
    for (Count count :
        statement(ERRORS_BY_TARGET).all(row -> count(row.text("tried_target"), row))) {
      errorsByTarget
          .computeIfAbsent(count.target(), _ -> new TreeMap<>())
          .put(count.outcome(), count.number());
    }
    List<TargetTotals> targets =
        statement(BY_TARGET)
            .all(row -> {
              String target = row.text("tried_target");
              return new TargetTotals(
                  target, totals(row, errorsByTarget.getOrDefault(target, Map.of())));
            });
    return new RouteStatistics.Period(
        statement(ALL_CALLS).one(row -> totals(row, errors)), targets);
  }

  private record Count(String target, String outcome, long number) {}

  private static Count count(String target, Row row) throws SQLException {
    return new Count(target, row.text("outcome"), row.number("count"));
  }

  private SqlStatement statement(String sql) {
    return new SqlStatement(connection, sql).bind("route", route).bind("since", since);
  }

  private static Totals totals(Row row, Map<String, Long> errors) throws SQLException {
    Map<String, Long> tokens = new TreeMap<>();
    for (String column : CallEncoder.TOKEN_COLUMNS.values()) {
      OptionalLong sum = row.optionalNumber(column);
      if (sum.isPresent()) {
        tokens.put(column, sum.getAsLong());
      }
    }
    return new Totals(
        row.number("calls"),
        row.number("failed"),
        row.number("moved"),
        row.number("ended_in_error"),
        errors,
        new Latency(number(row, "content_p50"), number(row, "content_p95")),
        new Latency(number(row, "duration_p50"), number(row, "duration_p95")),
        tokens);
  }

  private static Optional<Long> number(Row row, String column) throws SQLException {
    OptionalLong number = row.optionalNumber(column);
    return number.isPresent() ? Optional.of(number.getAsLong()) : Optional.empty();
  }
}
