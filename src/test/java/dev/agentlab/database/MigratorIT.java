package dev.agentlab.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentlab.errors.UnavailableException;
import dev.agentlab.testing.Await;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class MigratorIT {
  private static final int STEPS = Migration.ALL.size();
  private static final long LATEST = Migration.ALL.getLast().version();

  /// All that makes up a schema, beside what extensions bring. pg_trgm may have been there before.
  private static final String CATALOG =
      """
      WITH ours AS (
          SELECT oid, relname FROM pg_class
          WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
              AND relname <> 'schema_migrations'),
      own_functions AS (
          SELECT p.oid FROM pg_proc p
          WHERE pronamespace = 'public'::regnamespace AND NOT EXISTS (
              SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e'))
      SELECT concat_ws(' ', relname, attname, format_type(atttypid, atttypmod), attnotnull,
          pg_get_expr(adbin, adrelid))
      FROM ours JOIN pg_attribute a ON attrelid = oid AND attnum > 0 AND NOT attisdropped
          LEFT JOIN pg_attrdef d ON d.adrelid = attrelid AND d.adnum = attnum
      UNION ALL
      SELECT concat_ws(' ', relname, conname, pg_get_constraintdef(c.oid))
      FROM ours JOIN pg_constraint c ON conrelid = ours.oid
      UNION ALL
      SELECT pg_get_indexdef(indexrelid) FROM ours JOIN pg_index ON indrelid = oid
      UNION ALL
      SELECT pg_get_triggerdef(t.oid) FROM ours
          JOIN pg_trigger t ON tgrelid = ours.oid AND NOT tgisinternal
      UNION ALL
      SELECT pg_get_functiondef(oid) FROM own_functions
      UNION ALL
      SELECT 'extension ' || extname FROM pg_extension WHERE extname <> 'pg_trgm'
      ORDER BY 1
      """;

  private final Dsn dsn = TestPostgres.fresh();
  private final Migrator migrator = new Migrator(dsn);

  @Test
  void upTakesEveryStepOnce() throws Exception {
    assertThat(migrator.state()).hasToString("none");
    assertThat(migrator.up()).hasSize(STEPS);
    assertThat(migrator.state()).isEqualTo(new Migrator.State(OptionalLong.of(LATEST), false));
    assertThat(migrator.up()).isEmpty();
  }

  @Test
  void everyStepCanBeTakenBackAndTakenAgain() throws Exception {
    List<List<String>> schemas = new ArrayList<>();
    schemas.add(rows(CATALOG));
    for (int step = 1; step <= STEPS; step++) {
      migrator.steps(1);
      schemas.add(rows(CATALOG));
      migrator.steps(-1);
      assertThat(rows(CATALOG)).as("down from %d", step).isEqualTo(schemas.get(step - 1));
      migrator.steps(1);
      assertThat(rows(CATALOG)).as("up again to %d", step).isEqualTo(schemas.get(step));
    }
    assertThat(schemas).doesNotHaveDuplicates();
    migrator.down();
    assertThat(rows(CATALOG)).isEqualTo(schemas.getFirst());
    assertThat(migrator.state()).hasToString("none");
  }

  @Test
  void stepsAreNotTakenBackUnderAConnectedService() throws Exception {
    Database service = TestPostgres.start(TestPostgres.settings(dsn));
    try {
      service.read(connection -> connection.isValid(1));
      for (int steps : new int[] {-1, -STEPS}) {
        assertThatThrownBy(() -> migrator.steps(steps))
            .isInstanceOf(DatabaseException.class)
            .hasMessageContaining(dsn.address())
            .hasMessageContaining("stop every service");
      }
      assertThat(migrator.state()).hasToString(Long.toString(LATEST));
      assertThat(migrator.steps(1)).isEmpty();
    } finally {
      service.stop(Duration.ofSeconds(5));
    }
    Await.until("the service is disconnected", () -> migrator.steps(-1).size() == 1);
  }

  @Test
  void roleThatMayRecordMayAlsoRecordUnchainedRows() throws Exception {
    migrator.steps(12);
    // A role that every server has.
    execute("GRANT SELECT, INSERT ON audit TO pg_monitor");
    migrator.up();

    assertThat(
            rows(
                """
                SELECT privilege_type FROM information_schema.role_table_grants
                WHERE table_name = 'audit_unchained' AND grantee = 'pg_monitor' ORDER BY 1
                """))
        .containsExactly("DELETE", "INSERT", "SELECT");
  }

  @Test
  void unchainedRowsKeepTheirTable() throws Exception {
    migrator.steps(13);
    execute(
        """
        INSERT INTO audit_unchained (entry_id, at, caller_kind, caller_id, caller_name, action, kind,
          resource_id, resource_name, mac)
        VALUES (gen_random_uuid(), now(), 'key', 'id', 'name', 'thing.created', 'thing', 'id', 'x', '')
        """);
    assertThatThrownBy(() -> migrator.steps(-1))
        .isInstanceOf(DatabaseException.class)
        .hasMessageContaining("not chained yet");
    assertThat(rows("SELECT count(*) FROM audit_unchained")).containsExactly("1");
  }

  @Test
  void stepsPastTheEndAreNotAnError() throws Exception {
    assertThat(migrator.steps(100)).hasSize(STEPS);
    assertThat(migrator.steps(-100)).hasSize(STEPS);
    assertThat(migrator.steps(0)).isEmpty();
  }

  @Test
  void databaseOfTheGoOriginalIsTakenOverWithItsRows() throws Exception {
    goDatabase(2);
    // As long as the original's own indexes allow: 2704 bytes, or more when it compresses.
    execute(
        """
        INSERT INTO providers (name, config, created_at, updated_at) VALUES
            ('plain', '{"name": "ollama"}', '2024-01-02T03:04:05Z', '2024-02-02T03:04:05Z'),
            ('Ünïcödé 漢字 🦙', '{}', NULL, '2024-02-02T03:04:05Z'),
            ('', '{}', NULL, NULL),
            (repeat('long', 50000), '{}', NULL, NULL),
            ((SELECT substr(string_agg(md5(i::text), ''), 1, 2688) FROM generate_series(1, 90) i),
                '{}', now(), NULL)
        """);
    assertThat(migrator.up())
        .extracting(Object::toString)
        .isEqualTo(Migration.ALL.subList(2, STEPS).stream().map(it -> it.name() + " up").toList());
    assertThat(rows("SELECT count(*) FROM providers WHERE version = 1")).containsExactly("5");
    assertThat(rows("SELECT sum(total) FROM table_totals")).containsExactly("5");
    assertThat(rows("SELECT created_at = updated_at FROM providers WHERE name LIKE 'Ü%'"))
        .containsExactly("t");
    migrator.steps(-(STEPS - 2));
    assertThat(rows("SELECT count(*) FROM providers")).containsExactly("5");
    migrator.up();
    assertThat(rows("SELECT sum(total) FROM table_totals")).containsExactly("5");
  }

  @Test
  void databaseOfTheGoOriginalWithAgentsIsTakenOver() throws Exception {
    goDatabase(3);
    execute(
        """
        INSERT INTO agents (name, config, created_at, updated_at) VALUES
            ('plain', '{"name": "x", "provider": {"name": "ollama"}}',
                '2024-01-02T03:04:05Z', '2024-02-02T03:04:05Z'),
            ('Ünïcödé 漢字 🦙', '[1, "two"]', NULL, '2024-02-02T03:04:05Z'),
            ('', '{}', NULL, NULL),
            (repeat('long', 50000), 'null', NULL, NULL)
        """);
    assertThat(migrator.up()).hasSize(STEPS - 3);
    assertThat(rows("SELECT sum(total) FROM table_totals WHERE table_name = 'agents'"))
        .containsExactly("4");
    assertThat(
            rows(
                """
                SELECT count(*) FROM agents a JOIN agent_revisions r
                ON agent_id = id AND revision = 1 AND version = 1 AND r.name = a.name
                    AND r.config = a.config AND r.created_at = updated_at
                """))
        .containsExactly("4");
    migrator.steps(-(STEPS - 3));
    assertThat(rows("SELECT count(*) FROM agents")).containsExactly("4");
    assertThat(rows("SELECT config FROM agents WHERE name LIKE 'Ü%'"))
        .containsExactly("[1, \"two\"]");
    migrator.up();
    assertThat(rows("SELECT count(*) FROM agent_revisions")).containsExactly("4");
  }

  @Test
  void wayBackFromKeysOfEachCallerIsOpenWhenTwoHaveTheSame() throws Exception {
    migrator.steps(10);
    execute(
        """
        INSERT INTO idempotency_keys (route, caller_kind, caller_id, key, request_hash, response)
        SELECT 'POST /things', 'key', i, 'same', '', '{}' FROM generate_series(1, 2) i
        """);
    migrator.steps(-1);
    execute(
        """
        INSERT INTO idempotency_keys (route, key, request_hash, response)
        VALUES ('POST /things', 'same', '', '{}')
        """);
    migrator.up();
    assertThat(rows("SELECT count(*) FROM idempotency_keys")).containsExactly("0");
  }

  @Test
  void wayBackPutsTheRegisteredProviderIntoTheAgent() throws Exception {
    migrator.up();
    execute(
        """
        INSERT INTO providers (name, config) VALUES ('p', '{"name": "ollama", "options": {}}');
        INSERT INTO agents (name, config, provider_id)
        SELECT 'follows', '{"system_prompt": "Be brief."}', id FROM providers;
        INSERT INTO agents (name, config)
        VALUES ('brings its own', '{"provider": {"name": "azure"}}')
        """);
    migrator.steps(-(STEPS - 4));
    assertThat(rows("SELECT config FROM agents ORDER BY name DESC"))
        .containsExactly(
            "{\"provider\": {\"name\": \"ollama\", \"options\": {}}, \"system_prompt\": \"Be"
                + " brief.\"}",
            "{\"provider\": {\"name\": \"azure\"}}");
    execute("DELETE FROM providers");
    migrator.up();
    assertThat(rows("SELECT count(*) FROM agents WHERE provider_id IS NULL")).containsExactly("2");
  }

  @Test
  void eightAtOnceMigrateOnce() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      List<Future<List<Migrator.Step>>> runs = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        runs.add(threads.submit(() -> new Migrator(dsn).up()));
      }
      int taken = 0;
      for (Future<List<Migrator.Step>> run : runs) {
        taken += run.get().size();
      }
      assertThat(taken).isEqualTo(STEPS);
    }
    assertThat(rows("SELECT version FROM schema_migrations")).containsExactly("" + LATEST);
  }

  @Test
  void dirtyHistoryIsRefusedUntilForced() throws Exception {
    goDatabase(2);
    execute("UPDATE schema_migrations SET dirty = true");
    assertThat(migrator.state()).hasToString("2 (dirty)");
    for (Move move : moves()) {
      assertThatThrownBy(move::make)
          .isInstanceOf(DatabaseException.class)
          .hasMessageContaining("version 2 (dirty)")
          .hasMessageContaining("--force");
    }
    migrator.force(2);
    assertThat(migrator.up()).hasSize(STEPS - 2);
  }

  @Test
  void newerSchemaIsRefusedWithBothVersions() throws Exception {
    migrator.up();
    execute("UPDATE schema_migrations SET version = 77");
    for (Move move : moves()) {
      assertThatThrownBy(move::make)
          .isInstanceOf(DatabaseException.class)
          .hasMessageContaining("version 77")
          .hasMessageContaining("up to " + LATEST);
    }
  }

  @Test
  void forceSetsOnlyTheHistory() throws Exception {
    migrator.force(3);
    assertThat(migrator.state()).hasToString("3");
    migrator.force(-1);
    assertThat(migrator.state()).hasToString("none");
    assertThatThrownBy(() -> migrator.force(LATEST + 1))
        .isInstanceOf(DatabaseException.class)
        .hasMessageContaining("0 (none) to " + LATEST);
  }

  @Test
  void failedStepLeavesNothing() throws Exception {
    migrator.steps(1);
    execute("CREATE TABLE idx_providers_created_at (blocks TEXT)");
    assertThatThrownBy(migrator::up)
        .isInstanceOf(DatabaseException.class)
        .hasMessageContaining("000002_providers up failed")
        .hasMessageContaining(dsn.address());
    assertThat(migrator.state()).hasToString("1");
    assertThat(rows("SELECT to_regclass('providers') IS NULL")).containsExactly("t");
  }

  @Test
  void wrongPasswordIsRefusedAndNotPrinted() {
    Dsn wrong = Dsn.parse("postgres://agent_lab:wrong-word@127.0.0.1:%d/x".formatted(dsn.port()));
    assertThatThrownBy(() -> new Migrator(wrong).state())
        .isInstanceOf(DatabaseException.class)
        .hasMessageContaining("password authentication failed")
        .hasMessageNotContaining("wrong-word");
  }

  @Test
  void unreachableServerIsUnavailable() {
    Dsn nowhere = Dsn.parse("postgres://agent_lab@127.0.0.1:1/x");
    assertThatThrownBy(() -> new Migrator(nowhere).state())
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("127.0.0.1:1/x");
  }

  private interface Move {
    Object make() throws Exception;
  }

  private List<Move> moves() {
    return List.of(migrator::up, migrator::down, () -> migrator.steps(1));
  }

  private void goDatabase(int version) {
    TestPostgres.migrateAsGoDid(dsn, version);
  }

  private void execute(String sql) {
    TestPostgres.execute(dsn, sql);
  }

  private List<String> rows(String query) throws SQLException {
    try (Connection connection =
            new Connector(dsn, Duration.ofSeconds(5)).migration().getConnection();
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(query)) {
      List<String> rows = new ArrayList<>();
      while (result.next()) {
        rows.add(result.getString(1));
      }
      return rows;
    }
  }
}
