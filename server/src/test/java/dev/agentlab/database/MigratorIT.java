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
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MigratorIT {
  private static final int MIGRATION_COUNT = Migration.ALL.size();
  private static final long LATEST_VERSION = Migration.ALL.getLast().version();

  /// Selects all objects of a schema, except those of extensions. Excludes pg_trgm, which may have
  /// existed before.
  private static final String CATALOG_SQL =
      """
      WITH ours AS (
          SELECT oid, relname FROM pg_class
          WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
              AND relname NOT IN ('schema_migrations', 'agent_lab_migrations')),
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

  /// For each version of the original from 2, rows for the tables that it creates.
  private static final List<String> ORIGINAL_ROWS =
      List.of(
          "INSERT INTO providers (name, config, created_at) VALUES ('p', '{\"name\": \"ollama\"}', NULL)",
          "INSERT INTO agents (name, config, updated_at) VALUES ('a', '{\"name\": \"a\"}', NULL)",
          """
          INSERT INTO documents (name, filename, content_type, size_bytes, storage_key)
          VALUES ('d', 'd.pdf', 'application/pdf', 1, 'k')\
          """,
          """
          INSERT INTO images (document_id, page_number, format, dpi, storage_key, size_bytes)
          SELECT id, 1, 'png', 300, 'k', 1 FROM documents\
          """,
          """
          INSERT INTO runs (workflow_name) VALUES ('w');
          INSERT INTO stages (run_id, node_name, iteration, status)
          SELECT id, 'n', 1, 'done' FROM runs;
          INSERT INTO decisions (run_id, from_node) SELECT id, 'n' FROM runs;
          INSERT INTO checkpoints (run_id, state_data, checkpoint_node)
          SELECT id, '{}', 'n' FROM runs\
          """,
          """
          INSERT INTO profiles (workflow_name, name) VALUES ('w', 'default');
          INSERT INTO profile_stages (profile_id, stage_name, agent_id)
          SELECT profiles.id, 's', agents.id FROM profiles, agents\
          """);

  private static final List<String> ORIGINAL_TABLES =
      List.of(
          "providers",
          "agents",
          "documents",
          "images",
          "runs stages decisions checkpoints",
          "profiles profile_stages");

  /// The tables that both programs have.
  private static final Set<String> SHARED_TABLES = Set.of("providers", "agents");

  private Dsn dsn = TestPostgres.createEmpty();
  private Migrator migrator = new Migrator(dsn);

  @Test
  void upAppliesAllMigrationsOnce() throws Exception {
    assertThat(version()).isEmpty();
    assertThat(migrator.up()).hasSize(MIGRATION_COUNT);
    assertThat(version()).hasValue(LATEST_VERSION);
    assertThat(migrator.up()).isEmpty();
  }

  @Test
  void everyMigrationCanBeRolledBackAndReapplied() throws Exception {
    List<List<String>> schemas = new ArrayList<>();
    schemas.add(rows(CATALOG_SQL));
    for (int step = 1; step <= MIGRATION_COUNT; step++) {
      migrator.steps(1);
      schemas.add(rows(CATALOG_SQL));
      migrator.steps(-1);
      assertThat(rows(CATALOG_SQL)).as("down from %d", step).isEqualTo(schemas.get(step - 1));
      migrator.steps(1);
      assertThat(rows(CATALOG_SQL)).as("up again to %d", step).isEqualTo(schemas.get(step));
    }
    assertThat(schemas).doesNotHaveDuplicates();
    migrator.down();
    assertThat(rows(CATALOG_SQL)).isEqualTo(schemas.getFirst());
    assertThat(version()).isEmpty();
  }

  @Test
  void rollbackIsRefusedWhileAServiceIsConnected() throws Exception {
    Database service = TestPostgres.start(TestPostgres.settings(dsn));
    try {
      service.read(connection -> connection.isValid(1));
      for (int steps : new int[] {-1, -MIGRATION_COUNT}) {
        assertThatThrownBy(() -> migrator.steps(steps))
            .isInstanceOf(DatabaseException.class)
            .hasMessageContaining(dsn.address())
            .hasMessageContaining("stop every service");
      }
      assertThat(version()).hasValue(LATEST_VERSION);
      assertThat(migrator.steps(1)).isEmpty();
    } finally {
      service.stop(Duration.ofSeconds(5));
    }
    Await.until("the service is disconnected", () -> migrator.steps(-1).size() == 1);
  }

  @Test
  void roleWithAuditInsertCanInsertUnchainedRows() throws Exception {
    migrator.steps(12);
    // A predefined role of every server.
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
  void unchainedRowsPreventRollbackOfTheirTable() throws Exception {
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
  void stepsBeyondTheEndAreIgnored() throws Exception {
    assertThat(migrator.steps(100)).hasSize(MIGRATION_COUNT);
    assertThat(migrator.steps(-100)).hasSize(MIGRATION_COUNT);
    assertThat(migrator.steps(0)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7})
  void originalIsNotChangedBeforeTakeOver(int original) throws Exception {
    createOriginalDatabase(original);
    List<String> schema = rows(CATALOG_SQL);
    for (Operation operation : operations()) {
      assertThatThrownBy(operation::run)
          .isInstanceOf(DatabaseException.class)
          .hasMessageContaining(dsn.address())
          .hasMessageContaining("Go original, at its version " + original)
          .hasMessageContaining("agent-lab migrate --take-over");
    }
    assertThat(migrator.state())
        .isEqualTo(
            new Migrator.State(
                OptionalLong.empty(), OptionalLong.empty(), OptionalLong.of(original)));
    assertThat(rows(CATALOG_SQL)).isEqualTo(schema);
    assertThat(sharedHistory()).isEqualTo(original + " false");
    assertThat(hasOwnHistory()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7})
  void downRestoresTakenOverOriginal(int original) throws Exception {
    createOriginalDatabase(original);
    List<String> statements = ORIGINAL_ROWS.subList(0, original - 1);
    execute(String.join(";", statements));
    List<String> schema = rows(CATALOG_SQL);
    List<String> rows = originalRows(original);

    assertThat(takeOver()).hasSize(MIGRATION_COUNT - Math.min(original, 3));
    assertThat(version()).hasValue(LATEST_VERSION);
    assertThat(sharedHistory()).isEqualTo(SchemaHistory.SUPERSEDED_VERSION + " false");
    assertThat(originalRows(original)).isEqualTo(rows);
    assertThat(rows(CATALOG_SQL)).containsAll(otherTables(schema));
    assertThat(migrator.up()).isEmpty();
    assertThat(takeOver()).isEmpty();

    assertThat(migrator.rollbackLosses(-1).originalVersion()).isEmpty();
    assertThat(migrator.rollbackLosses(-MIGRATION_COUNT).originalVersion()).hasValue(original);
    migrator.down();
    assertThat(rows(CATALOG_SQL)).isEqualTo(schema);
    assertThat(sharedHistory()).isEqualTo(original + " false");
    assertThat(hasOwnHistory()).isFalse();
    assertThat(originalRows(original)).isEqualTo(rows);
    assertThat(takeOver()).isNotEmpty();
  }

  @Test
  void failedTakeOverIsRolledBack() throws Exception {
    createOriginalDatabase(7);
    execute("CREATE TABLE idx_audit_kind_seq (blocks TEXT)");
    List<String> schema = rows(CATALOG_SQL);
    assertThatThrownBy(this::takeOver)
        .isInstanceOf(DatabaseException.class)
        .hasMessageContaining("rolled back")
        .hasMessageContaining(dsn.address());
    assertThat(rows(CATALOG_SQL)).isEqualTo(schema);
    assertThat(sharedHistory()).isEqualTo("7 false");
  }

  @Test
  void takeOverIsRefusedWhileOriginalIsConnected() throws Exception {
    createOriginalDatabase(7);
    try (Connection original =
            new ConnectionFactory(dsn, Duration.ofSeconds(5))
                .migrationDataSource()
                .getConnection();
        Statement statement = original.createStatement()) {
      statement.execute("SET application_name = ''");
      assertThatThrownBy(this::takeOver)
          .isInstanceOf(DatabaseException.class)
          .hasMessageContaining("stop the original");
    }
    assertThat(sharedHistory()).isEqualTo("7 false");
    Await.until("the original is disconnected", () -> tryTakeOver());
  }

  private boolean tryTakeOver() throws InterruptedException {
    try {
      return !takeOver().isEmpty();
    } catch (DatabaseException e) {
      return false;
    }
  }

  @Test
  void takeOverOfOtherDatabaseIsRefused() throws Exception {
    assertThatThrownBy(this::takeOver)
        .isInstanceOf(DatabaseException.class)
        .hasMessageContaining("not one of the Go original");
    assertThat(rows(CATALOG_SQL)).noneMatch(it -> it.startsWith("providers"));
    migrator.up();
    assertThatThrownBy(this::takeOver).hasMessageContaining("not one of the Go original");
    assertThat(version()).hasValue(LATEST_VERSION);
  }

  @Test
  void historyThatDoesNotMatchTablesIsRefused() throws Exception {
    createOriginalDatabase(7);
    execute("DROP TABLE images");
    List<String> schema = rows(CATALOG_SQL);
    List<Operation> operations = new ArrayList<>(operations());
    operations.add(this::takeOver);
    for (Operation operation : operations) {
      assertThatThrownBy(operation::run)
          .isInstanceOf(DatabaseException.class)
          .hasMessageContaining("version 7, but the tables are not those");
    }
    execute("UPDATE schema_migrations SET dirty = true");
    for (Operation operation : operations) {
      assertThatThrownBy(operation::run)
          .isInstanceOf(DatabaseException.class)
          .hasMessageContaining("dirty at version 7");
    }
    assertThat(rows(CATALOG_SQL)).isEqualTo(schema);
  }

  @Test
  void lossesListRowsWithEncryptedSecrets() throws Exception {
    createOriginalDatabase(3);
    takeOver();
    execute(
        """
        INSERT INTO providers (name, config) VALUES
            ('plain', '{"name": "ollama", "options": {"token": {"env": "sealed"}}}'),
            ('azure', '{"options": {"token": {"sealed": "v1.x", "hint": "…", "updated_at": ""}}}');
        INSERT INTO agents (name, config, provider_id)
        SELECT 'follows ' || name, '{}', id FROM providers;
        INSERT INTO agents (name, config) VALUES
            ('own', '{"provider": {"options": {"token": {"sealed": "v1.y", "hint": ""}}}}')
        """);
    assertThat(migrator.rollbackLosses(-1).lostSecrets()).isEmpty();
    assertThat(migrator.rollbackLosses(-MIGRATION_COUNT).lostSecrets())
        .containsExactly("provider 'azure'", "agent 'follows azure'", "agent 'own'");
    migrator.down();
    assertThat(rows("SELECT count(*) FROM agents")).containsExactly("3");
  }

  @Test
  void takeOverPreservesProviders() throws Exception {
    createOriginalDatabase(2);
    // The maximum length in the original's indexes: 2704 bytes, or more if the name compresses.
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
    assertThat(takeOver())
        .extracting(Object::toString)
        .isEqualTo(
            Migration.ALL.subList(2, MIGRATION_COUNT).stream()
                .map(it -> it.name() + " up")
                .toList());
    assertThat(rows("SELECT count(*) FROM providers WHERE version = 1")).containsExactly("5");
    assertThat(rows("SELECT sum(total) FROM table_totals")).containsExactly("5");
    assertThat(rows("SELECT created_at = updated_at FROM providers WHERE name LIKE 'Ü%'"))
        .containsExactly("t");
    migrator.steps(-(MIGRATION_COUNT - 2));
    assertThat(rows("SELECT count(*) FROM providers")).containsExactly("5");
    takeOver();
    assertThat(rows("SELECT sum(total) FROM table_totals")).containsExactly("5");
  }

  @Test
  void takeOverCreatesAgentRevisions() throws Exception {
    createOriginalDatabase(3);
    execute(
        """
        INSERT INTO agents (name, config, created_at, updated_at) VALUES
            ('plain', '{"name": "x", "provider": {"name": "ollama"}}',
                '2024-01-02T03:04:05Z', '2024-02-02T03:04:05Z'),
            ('Ünïcödé 漢字 🦙', '[1, "two"]', NULL, '2024-02-02T03:04:05Z'),
            ('', '{}', NULL, NULL),
            (repeat('long', 50000), 'null', NULL, NULL)
        """);
    assertThat(takeOver()).hasSize(MIGRATION_COUNT - 3);
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
    migrator.steps(-(MIGRATION_COUNT - 3));
    assertThat(rows("SELECT count(*) FROM agents")).containsExactly("4");
    assertThat(rows("SELECT config FROM agents WHERE name LIKE 'Ü%'"))
        .containsExactly("[1, \"two\"]");
    takeOver();
    assertThat(rows("SELECT count(*) FROM agent_revisions")).containsExactly("4");
  }

  @Test
  void rollbackOfKeyScopesAllowsSameKeyOfTwoCallers() throws Exception {
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
  void rollbackCopiesRegisteredProviderIntoAgent() throws Exception {
    migrator.up();
    execute(
        """
        INSERT INTO providers (name, config) VALUES ('p', '{"name": "ollama", "options": {}}');
        INSERT INTO agents (name, config, provider_id)
        SELECT 'follows', '{"system_prompt": "Be brief."}', id FROM providers;
        INSERT INTO agents (name, config)
        VALUES ('brings its own', '{"provider": {"name": "azure"}}')
        """);
    migrator.steps(-(MIGRATION_COUNT - 4));
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
  void concurrentMigratorsApplyEachMigrationOnce() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      List<Future<List<Migrator.Step>>> runs = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        runs.add(threads.submit(() -> new Migrator(dsn).up()));
      }
      int taken = 0;
      for (Future<List<Migrator.Step>> run : runs) {
        taken += run.get().size();
      }
      assertThat(taken).isEqualTo(MIGRATION_COUNT);
    }
    assertThat(rows("SELECT version FROM agent_lab_migrations"))
        .containsExactly("" + LATEST_VERSION);
  }

  @ParameterizedTest
  @ValueSource(strings = {"LATEST + 1", "NULL"})
  void newerSchemaIsRefusedWithBothVersions(String oldestProgram) throws Exception {
    migrator.up();
    execute(
        "UPDATE agent_lab_migrations SET version = 77, oldest_program = "
            + oldestProgram.replace("LATEST", "" + LATEST_VERSION));
    for (Operation operation : operations()) {
      assertThatThrownBy(operation::run)
          .isInstanceOf(DatabaseException.class)
          .hasMessageContaining("version 77")
          .hasMessageContaining("up to " + LATEST_VERSION);
    }
    assertThat(migrator.state().isTooNew()).isTrue();
  }

  @Test
  void newerSchemaIsLeftAsItIsIfItSupportsTheProgram() throws Exception {
    migrator.up();
    execute("UPDATE agent_lab_migrations SET version = 77, oldest_program = " + LATEST_VERSION);

    assertThat(migrator.up()).isEmpty();
    assertThat(migrator.steps(1)).isEmpty();
    assertThat(migrator.state().isTooNew()).isFalse();
    assertThatThrownBy(migrator::down)
        .isInstanceOf(DatabaseException.class)
        .hasMessageContaining("only a newer agent-lab can migrate it");
    assertThat(version()).hasValue(77);
  }

  @Test
  void oldestProgramIsThatOfAllAppliedMigrations() throws Exception {
    List<Migration> migrations = Migration.ALL.subList(0, 3);
    List<Migration> compatible =
        List.of(migrations.get(0), migrations.get(1), new Migration(migrations.get(2).name(), 1));
    Migrator newer = new Migrator(new ConnectionFactory(dsn, Duration.ofSeconds(5)), compatible);
    Migrator older =
        new Migrator(new ConnectionFactory(dsn, Duration.ofSeconds(5)), migrations.subList(0, 2));
    Migrator oldest =
        new Migrator(new ConnectionFactory(dsn, Duration.ofSeconds(5)), migrations.subList(0, 1));
    newer.up();

    assertThat(older.up()).isEmpty();
    assertThatThrownBy(oldest::up)
        .hasMessageContaining("version 3")
        .hasMessageContaining("up to 1");

    newer.steps(-2);
    assertThat(oldest.up()).isEmpty();
    assertThat(newer.state().oldestProgram()).hasValue(1);
  }

  @Test
  void historyWithoutOldestProgramIsMigrated() throws Exception {
    migrator.steps(MIGRATION_COUNT - 1);
    execute("ALTER TABLE agent_lab_migrations DROP COLUMN oldest_program");

    assertThat(migrator.state().oldestProgram()).isEmpty();
    assertThat(migrator.up()).hasSize(1);
    assertThat(migrator.state().oldestProgram()).isPresent();
  }

  @Test
  void forceChangesOnlyTheHistory() throws Exception {
    migrator.force(3);
    assertThat(version()).hasValue(3);
    migrator.force(-1);
    assertThat(version()).isEmpty();
    assertThatThrownBy(() -> migrator.force(LATEST_VERSION + 1))
        .isInstanceOf(DatabaseException.class)
        .hasMessageContaining("0 (none) to " + LATEST_VERSION);
  }

  @Test
  void forcePreservesReturnToOriginal() throws Exception {
    createOriginalDatabase(4);
    takeOver();
    migrator.force(LATEST_VERSION - 1);
    for (long version : new long[] {0, 3}) {
      assertThatThrownBy(() -> migrator.force(version))
          .hasMessageContaining("4 to " + LATEST_VERSION);
    }
    migrator.force(LATEST_VERSION);
    migrator.down();
    assertThat(sharedHistory()).isEqualTo("4 false");
  }

  @Test
  void failedMigrationIsRolledBack() throws Exception {
    migrator.steps(1);
    execute("CREATE TABLE idx_providers_created_at (blocks TEXT)");
    assertThatThrownBy(migrator::up)
        .isInstanceOf(DatabaseException.class)
        .hasMessageContaining("000002_providers up failed")
        .hasMessageContaining(dsn.address());
    assertThat(version()).hasValue(1);
    assertThat(rows("SELECT to_regclass('providers') IS NULL")).containsExactly("t");
  }

  @Test
  void snapshotExcludesLaterRowsAndMigrations() throws Exception {
    migrator.steps(2);
    String count = "SELECT count(*) AS number FROM providers";
    List<Long> counts =
        migrator.readSnapshot((connection, version) -> {
          assertThat(version).isEqualTo(2);
          long before = new SqlStatement(connection, count).one(row -> row.number("number"));
          execute("INSERT INTO providers (name, config) VALUES ('later', '{}')");
          assertThat(rows("SELECT pg_try_advisory_lock(%d)".formatted(0x6167_656e_746c_6162L)))
              .containsExactly("f");
          return List.of(
              before, new SqlStatement(connection, count).one(row -> row.number("number")));
        });
    assertThat(counts).containsExactly(0L, 0L);
    assertThat(rows(count)).containsExactly("1");
    assertThatThrownBy(() ->
            migrator.readSnapshot(
                (connection, _) -> new SqlStatement(connection, "DELETE FROM providers").update()))
        .hasMessageContaining("read-only transaction");
  }

  @Test
  void schemaIsCreatedWithItsContentOrNotAtAll() throws Exception {
    assertThatThrownBy(() ->
            migrator.create(
                3,
                List.of(),
                (connection, _) -> {
                  assertThat(new SqlStatement(connection, "DELETE FROM agents").update()).isZero();
                  throw new SQLException("no content");
                }))
        .hasMessageContaining("all changes were rolled back", "no content");
    assertThat(version()).isEmpty();
    assertThat(rows("SELECT to_regclass('providers') IS NULL")).containsExactly("t");

    execute("CREATE TABLE agents (id INT)");
    assertThatThrownBy(() -> migrator.create(3, List.of("agents"), (_, version) -> version))
        .hasMessageContaining("is not empty: it has agents");
    execute("DROP TABLE agents");
    migrator.create(3, List.of("agents"), (_, version) -> version);
    assertThat(version()).hasValue(3);
    assertThatThrownBy(() -> migrator.create(3, List.of(), (_, version) -> version))
        .hasMessageContaining("is not empty");
  }

  @Test
  void wrongPasswordIsRejectedAndNotPrinted() {
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

  private interface Operation {
    Object run() throws Exception;
  }

  private List<Operation> operations() {
    return List.of(migrator::up, migrator::down, () -> migrator.steps(1));
  }

  private void createOriginalDatabase(int version) {
    dsn = TestPostgres.originalDatabase(version);
    migrator = new Migrator(dsn);
  }

  private List<Migrator.Step> takeOver() throws InterruptedException {
    return migrator.takeOver(_ -> List.of());
  }

  private List<String> originalRows(int original) throws SQLException {
    List<String> rows = new ArrayList<>();
    for (String tables : ORIGINAL_TABLES.subList(0, original - 1)) {
      for (String table : tables.split(" ", -1)) {
        String columns = SHARED_TABLES.contains(table) ? "id, name, config" : "*";
        rows.addAll(rows("SELECT t::text FROM (SELECT %s FROM %s) t".formatted(columns, table)));
      }
    }
    return rows;
  }

  private static List<String> otherTables(List<String> catalog) {
    return catalog.stream().filter(it -> !it.matches("(?s).*\\b(providers|agents)\\b.*")).toList();
  }

  private OptionalLong version() {
    return migrator.state().version();
  }

  private String sharedHistory() throws SQLException {
    return String.join(", ", rows("SELECT version || ' ' || dirty FROM schema_migrations"));
  }

  private boolean hasOwnHistory() throws SQLException {
    return rows("SELECT to_regclass('agent_lab_migrations')").getFirst() != null;
  }

  private void execute(String sql) {
    TestPostgres.execute(dsn, sql);
  }

  private List<String> rows(String query) throws SQLException {
    try (Connection connection =
            new ConnectionFactory(dsn, Duration.ofSeconds(5))
                .migrationDataSource()
                .getConnection();
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
