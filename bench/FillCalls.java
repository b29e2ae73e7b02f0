import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/// Fills the table of calls with those of 30 days, of 200 keys, 20 models and 6 providers, with 2 % failures and some 10 calls a
/// session, and leaves it as autovacuum would. Of a million calls, one has the tag `job=rare`.
///
/// Arguments: JDBC URL, user, password, how many.
public final class FillCalls {
  private static final int DAYS = 30;

  private static final String INSERT =
      """
      INSERT INTO %1$s (
        id, started_at, request_id, provider_request_id, caller_kind, caller_id, caller_name, dialect, operation, streamed,
        route_id, route_name, route_revision, provider_id, provider, model, target, session, end_user, tags, status, outcome,
        message, finish_reason, input, cached_input, output, usage_source, duration_us, first_content_us, request_bytes,
        response_bytes, attempts, decision, losses)
      SELECT
        gen_random_uuid(), at, 'request-' || n, 'provider-' || n, 'key', md5('key' || key)::uuid::text, 'key ' || key, 'openai',
        'chat', n %% 2 = 0, CASE WHEN n %% 3 = 0 THEN md5('route' || n %% 10)::uuid END,
        CASE WHEN n %% 3 = 0 THEN 'route ' || n %% 10 END, CASE WHEN n %% 3 = 0 THEN 1 END, md5('provider' || provider)::uuid,
        'provider-' || provider, 'model-' || model, 'provider-' || provider || '/model-' || model,
        CASE WHEN n %% 2 = 0 THEN 'session-' || n / 20 END, CASE WHEN n %% 4 = 0 THEN 'user-' || n %% 5000 END,
        CASE WHEN n %% 1000000 = 7 THEN '{"job": "rare"}'::jsonb
             WHEN n %% 2 = 0 THEN jsonb_build_object('team', 'team-' || n %% 20) END,
        CASE WHEN n %% 50 = 0 THEN 'failed' ELSE 'ok' END,
        CASE WHEN n %% 100 = 0 THEN 'timeout' WHEN n %% 50 = 0 THEN 'rate_limit' ELSE 'success' END,
        CASE WHEN n %% 50 = 0 THEN 'the provider did not answer in time' END, 'stop', 900 + n %% 100, n %% 800, n %% 400,
        'reported', 1000000 + n %% 1000000, 300000, 4000, 2000,
        '[{"target": "t", "provider": "p", "model": "m", "outcome": "success", "latency_us": 1000000}]'::jsonb,
        CASE WHEN n %% 3 = 0 THEN '{"order": ["a/m", "b/m"], "skipped": []}'::jsonb END, '[]'::jsonb
      FROM (
        SELECT n, '%2$s'::timestamptz + n * interval '86399 seconds' / %3$d AS at, (random() * random() * 200)::int AS key,
          (random() * random() * 20)::int AS model, (random() * random() * 6)::int AS provider
        FROM generate_series(1, %3$d) AS n
      ) AS made
      """;

  void main(String[] arguments) throws Exception {
    try (Connection connection = DriverManager.getConnection(arguments[0], arguments[1], arguments[2]);
        Statement statement = connection.createStatement()) {
      LocalDate today = LocalDate.now(ZoneOffset.UTC);
      int rows = Integer.parseInt(arguments[3]) / DAYS;
      for (LocalDate day = today.minusDays(DAYS); day.isBefore(today); day = day.plusDays(1)) {
        String table = "calls_" + DateTimeFormatter.BASIC_ISO_DATE.format(day);
        // Attaching builds the indexes, which is faster than filling them.
        statement.execute("DROP TABLE IF EXISTS " + table);
        statement.execute("CREATE TABLE %s (LIKE calls)".formatted(table));
        statement.execute(INSERT.formatted(table, day + " 00:00:00+00", rows));
        statement.execute(
            "ALTER TABLE calls ATTACH PARTITION %s FOR VALUES FROM ('%s 00:00:00+00') TO ('%s 00:00:00+00')"
                .formatted(table, day, day.plusDays(1)));
      }
      statement.execute("VACUUM ANALYZE calls");
    }
  }
}
