package dev.agentlab.commands;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.agentlab.backup.BackupTable;
import dev.agentlab.backup.TestBackups;
import dev.agentlab.cli.CommandRun;
import dev.agentlab.database.DatabaseSettings;
import dev.agentlab.database.Dsn;
import dev.agentlab.database.Migration;
import dev.agentlab.database.Migrator;
import dev.agentlab.database.SqlStatement;
import dev.agentlab.database.TestPostgres;
import dev.agentlab.postgres.EmbeddedPostgres;
import dev.agentlab.postgres.TestServers;
import dev.agentlab.server.TestClient;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.server.TestServer;
import dev.agentlab.testing.FakeUpstream;
import dev.agentlab.vault.TestVault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class BackupCommandIT {
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(10);
  private static final long LATEST_VERSION = Migration.ALL.getLast().version();
  private static final String OTHER_KEY = "y".repeat(42) + "w=";

  @TempDir private Path folder;

  private Path file = Path.of("none");

  @BeforeEach
  void nameFile() {
    file = folder.resolve("agent-lab.backup");
  }

  private CommandRun.With external(Dsn dsn) {
    return ServiceRun.in(folder)
        .environment("SERVICE_DATA_DIR", folder.resolve("unused").toString())
        .environment("SECRETS_KEY", TestVault.KEY.reveal())
        .environment("DATABASE_HOST", dsn.host())
        .environment("DATABASE_PORT", Integer.toString(dsn.port()))
        .environment("DATABASE_NAME", dsn.database())
        .environment("DATABASE_USER", dsn.user())
        .environment("DATABASE_PASSWORD", dsn.password().orElseThrow().reveal())
        .environment("DATABASE_SSLMODE", "disable");
  }

  private CommandRun.With embedded(Path dataDir) {
    return ServiceRun.in(folder)
        .environment("SERVICE_DATA_DIR", dataDir.toString())
        .environment("SECRETS_KEY", TestVault.KEY.reveal());
  }

  /// Creates a data folder with the programs of PostgreSQL and without a database.
  private Path emptyDataDir() throws IOException, InterruptedException {
    Path dataDir = folder.resolve("restored");
    TestServers.prepare(dataDir);
    TestServers.delete(dataDir.resolve("postgres/cluster"));
    return dataDir;
  }

  private static Dsn dsn(DatabaseSettings settings) {
    return ((DatabaseSettings.External) settings.server()).dsn();
  }

  private static CommandRun ok(CommandRun run) {
    assertThat(run.code()).as(run.err() + run.out()).isZero();
    return run;
  }

  private static Answer ok(Answer answer) {
    assertThat(answer.status()).as(answer.text()).isBetween(200, 299);
    return answer;
  }

  /// All rows that are part of a backup, and the state that its tables have beside their rows.
  static Map<String, List<String>> contents(Dsn dsn) throws InterruptedException {
    Map<String, String> queries = new TreeMap<>();
    BackupTable.ALL.forEach(table ->
        queries.put(
            table.name(),
            "SELECT t::text AS line FROM %s AS t ORDER BY 1".formatted(table.name())));
    queries.put(
        "triggers",
        """
        SELECT concat_ws(' ', tgrelid::regclass, tgname, tgenabled) AS line FROM pg_trigger
        WHERE NOT tgisinternal ORDER BY 1
        """);
    queries.put(
        "sequences",
        "SELECT concat_ws(' ', sequencename, last_value) AS line FROM pg_sequences ORDER BY 1");
    queries.put(
        "history", "SELECT version || ' ' || oldest_program AS line FROM agent_lab_migrations");
    return new Migrator(dsn)
        .readSnapshot((connection, _) -> {
          Map<String, List<String>> contents = new TreeMap<>();
          for (Map.Entry<String, String> query : queries.entrySet()) {
            contents.put(
                query.getKey(),
                new SqlStatement(connection, query.getValue()).all(row -> row.text("line")));
          }
          return contents;
        });
  }

  private static String provider(String name, FakeUpstream upstream, String token) {
    return """
    {"name": "%s", "config": {"name": "ollama", "base_url": "%s",
     "options": {"auth_type": "bearer", "token": "%s"}}}\
    """
        .formatted(name, upstream.url(""), token);
  }

  /// Fills every table.
  ///
  /// @return the path of a provider whose upstream requires a token
  static String fill(TestServer server, FakeUpstream upstream) {
    TestClient client = server.client();
    String path =
        ok(client.post(
                "/api/providers", provider("first", upstream, "old"), "Idempotency-Key", "k1"))
            .header("Location");
    ok(client.put(path, provider("backslash\\\\N ü 😀", upstream, "the-token")));
    String own =
        "{\"name\": \"own\", \"config\": {\"provider\": %s, \"model\": {\"name\": \"m\"}}}"
            .formatted(
                "{\"name\": \"ollama\", \"base_url\": \"%s\", \"options\": {\"auth_type\": \"bearer\", \"token\": \"secret\"}}"
                    .formatted(upstream.url("")));
    String agent = ok(client.post("/api/agents", own)).header("Location");
    ok(client.put(agent, own.replace("\"m\"", "\"n\"")));
    ok(
        client.post(
            "/api/routes",
            "{\"name\": \"smart\", \"config\": {\"targets\": [{\"agent\": \"own\"}]}}"));
    ok(client.post("/api/keys", "{\"name\": \"k\", \"scopes\": [\"providers:read\"]}"));
    ok(client.post("/api/session", "{\"key\": \"%s\"}".formatted(server.adminKey())));
    ok(client.post("/api/session/links", ""));
    // Fails, but is recorded.
    TestClient.Answer _ =
        client.post(agent + "/chat", "{\"messages\": [{\"role\": \"user\", \"content\": \"Hi\"}]}");
    server.execute(
        """
        INSERT INTO response_owners (caller_kind, caller_id) VALUES ('key', 'x');
        INSERT INTO responses (owner, id, model, provider, content, expires_at)
        SELECT id, E'\\\\N', E'a\\tb', '', E'\\\\.\\n\\r\\u0001\\U0001F600', 'infinity'
        FROM response_owners;
        INSERT INTO idempotency_keys (route, caller_kind, caller_id, key, request_hash, response)
        VALUES ('r', E'\\t', E'\\n', E'\\\\', '', E'\\b\\f\\v\\u007F');
        SELECT create_calls_partition((now() AT TIME ZONE 'UTC')::date - 1);
        INSERT INTO calls (id, started_at, request_id, caller_kind, caller_id, caller_name, dialect,
          operation, streamed, provider, model, status, outcome, usage_source, duration_us,
          request_bytes, response_bytes, attempts, losses)
        VALUES (gen_random_uuid(), now() - interval '1 day', E'\\t', 'key', E'\\n', E'\\\\', '',
          '', true, '', '', 'ok', '', '', 1, 2, 3, '[]', '[]')
        """);
    return path;
  }

  static FakeUpstream upstream() {
    return FakeUpstream.start(FakeUpstream.json("{\"object\":\"list\",\"data\":[{\"id\":\"m\"}]}"));
  }

  @Test
  void everyRowSurvivesMoveToEmbeddedDatabaseAndBack() throws Exception {
    DatabaseSettings settings = TestPostgres.migratedDatabase();
    TestServer source = new TestServer(settings);
    source.start();
    try (FakeUpstream upstream = upstream()) {
      String path = fill(source, upstream);
      String key = source.adminKey();
      source.stop();
      Map<String, List<String>> original = contents(dsn(settings));
      assertThat(original)
          .allSatisfy((table, rows) -> {
            if (!table.equals("audit") && !table.equals("audit_unchained")) {
              assertThat(rows).as(table).isNotEmpty();
            }
          });

      CommandRun backup = ok(external(dsn(settings)).run("backup", file.toString(), "--json"));
      assertThat(backup.json().at("/tables/agent_revisions").asInt()).isEqualTo(2);
      assertThat(backup.json().at("/bytes").asLong()).isEqualTo(Files.size(file));
      assertThat(backup.err())
          .contains("requires the key-encryption key ")
          .contains(backup.json().at("/key_encryption_keys/0").asString());

      Path dataDir = emptyDataDir();
      CommandRun restore = ok(embedded(dataDir).run("restore", file.toString()));
      assertThat(restore.out())
          .containsPattern("providers +1\n")
          .contains("restored into embedded in " + dataDir, "audit trail intact")
          .doesNotContain("migrated from");

      EmbeddedPostgres server = new EmbeddedPostgres(dataDir, "agent_lab", 20);
      server.start();
      try {
        Dsn restored = Dsn.of(server.access());
        assertThat(contents(restored)).isEqualTo(original);

        TestServer service =
            new TestServer(
                TestPostgres.settings(restored),
                folder.resolve("service"),
                Map.of("SECRETS_KEY", TestVault.KEY.reveal()));
        service.start();
        TestClient client = TestClient.of(service.url()).as(key);
        assertThat(client.get("/api/keys/self").status()).isEqualTo(200);
        while (!upstream.isIdle()) {
          FakeUpstream.Request _ = upstream.request();
        }
        ok(client.post(path + "/probe", ""));
        assertThat(upstream.request().header("Authorization")).contains("Bearer the-token");
        assertThat(
                client
                    .post(
                        "/api/providers",
                        provider("first", upstream, "old"),
                        "Idempotency-Key",
                        "k1")
                    .header("Location"))
            .isEqualTo(path);
        assertThat(client.get("/api/providers").json().path("total").asInt()).isEqualTo(1);
        JsonNode audit = client.post("/api/audit/verify", "{}").json();
        assertThat(audit.path("intact").asBoolean()).as(audit.toString()).isTrue();
        ok(client.post("/api/providers", provider("later", upstream, "t")));
        service.stop();
        client.http().shutdownNow();

        Path second = folder.resolve("second");
        ok(embedded(dataDir).run("backup", second.toString()));
        DatabaseSettings empty = TestPostgres.emptyDatabase();
        ok(external(dsn(empty)).run("restore", second.toString()));
        assertThat(contents(dsn(empty))).isEqualTo(contents(restored));
      } finally {
        server.stop(STOP_TIMEOUT);
      }
    }
  }

  @Test
  void wrongOrMissingKeyIsRefusedBeforeAnythingIsWritten() throws Exception {
    DatabaseSettings settings = TestPostgres.migratedDatabase();
    TestServer source = new TestServer(settings);
    source.start();
    source.stop();
    ok(external(dsn(settings)).run("backup", file.toString()));

    DatabaseSettings empty = TestPostgres.emptyDatabase();
    CommandRun wrong =
        external(dsn(empty)).environment("SECRETS_KEY", OTHER_KEY).run("restore", file.toString());
    assertThat(wrong.code()).isEqualTo(1);
    assertThat(wrong.err())
        .contains("the secrets in the backup are encrypted under the key-encryption key ")
        .contains("set SECRETS_KEY to that key")
        .doesNotContain(OTHER_KEY, TestVault.KEY.reveal());
    new Migrator(dsn(empty)).requireEmpty(List.of());

    Path dataDir = folder.resolve("nothing");
    CommandRun missing =
        ServiceRun.in(folder)
            .environment("SERVICE_DATA_DIR", dataDir.toString())
            .run("restore", file.toString());
    assertThat(missing.code()).isEqualTo(1);
    assertThat(missing.err()).contains("has no key (%s)".formatted(dataDir.resolve("master.key")));
    assertThat(dataDir).doesNotExist();

    ok(
        external(dsn(empty))
            .environment("SECRETS_KEY", OTHER_KEY)
            .environment("SECRETS_PREVIOUS_KEYS", TestVault.KEY.reveal())
            .run("restore", file.toString()));
  }

  @Test
  void keyFileInEmptyDataFolderIsUsed() throws Exception {
    DatabaseSettings settings = TestPostgres.migratedDatabase();
    TestServer source = new TestServer(settings, folder.resolve("source"), Map.of());
    source.start();
    source.stop();
    Path keyFile = folder.resolve("source/master.key");
    CommandRun.With without =
        external(dsn(settings)).environment("SERVICE_DATA_DIR", folder.resolve("x").toString());
    ok(without.run("backup", file.toString()));

    Path dataDir = emptyDataDir();
    Files.copy(keyFile, dataDir.resolve("master.key"));
    CommandRun restore =
        ok(
            ServiceRun.in(folder)
                .environment("SERVICE_DATA_DIR", dataDir.toString())
                .run("restore", file.toString(), "--json"));
    assertThat(restore.json().at("/audit/intact").asBoolean()).isTrue();
    assertThat(dataDir.resolve("master.key")).hasSameTextualContentAs(keyFile);
    assertThat(EmbeddedPostgres.exists(dataDir)).isTrue();
  }

  @Test
  void olderSchemaIsRestoredAndMigrated() throws Exception {
    for (long version : new long[] {3, 13, 14, 17}) {
      DatabaseSettings settings = TestPostgres.emptyDatabase();
      List<Migrator.Step> _ = new Migrator(dsn(settings)).steps((int) version);
      TestPostgres.execute(
          dsn(settings), "INSERT INTO providers (name, config) VALUES ('p', '{}')");
      Path older = folder.resolve("of-" + version);
      ok(external(dsn(settings)).run("backup", older.toString()));

      DatabaseSettings empty = TestPostgres.emptyDatabase();
      CommandRun restore = ok(external(dsn(empty)).run("restore", older.toString()));
      assertThat(restore.out())
          .contains(
              "schema version %d, migrated from %d, audit trail empty"
                  .formatted(LATEST_VERSION, version));
      Map<String, List<String>> restored = contents(dsn(empty));
      List<Migrator.Step> _ = new Migrator(dsn(settings)).up();
      assertThat(restored).isEqualTo(contents(dsn(settings)));
      assertThat(restored.get("providers")).hasSize(1);
    }
    assertThat(folder.resolve("unused")).doesNotExist();
  }

  @Test
  void takenOverDatabaseIsRestoredAsOwn() throws Exception {
    DatabaseSettings settings =
        TestServer.takenOverDatabase(
            """
            INSERT INTO providers (name, config) VALUES ('p',
              '{"name": "ollama", "base_url": "http://127.0.0.1:1", "options": {"token": "t"}}')
            """);
    ok(external(dsn(settings)).run("backup", file.toString()));
    DatabaseSettings empty = TestPostgres.emptyDatabase();
    ok(external(dsn(empty)).run("restore", file.toString()));
    assertThat(contents(dsn(empty))).isEqualTo(contents(dsn(settings)));
    assertThat(ok(external(dsn(empty)).run("migrate", "-down", "--yes")).out())
        .contains("version: none");
  }

  @Test
  void databaseThatIsNotEmptyIsRefused() throws Exception {
    DatabaseSettings settings = TestPostgres.migratedDatabase();
    ok(external(dsn(settings)).run("backup", file.toString()));
    CommandRun migrated = external(dsn(settings)).run("restore", file.toString());
    assertThat(migrated.code()).isEqualTo(1);
    assertThat(migrated.err()).contains("is not empty: it has agent_revisions, agents, api_keys");

    DatabaseSettings foreign = TestPostgres.emptyDatabase();
    TestPostgres.execute(dsn(foreign), "CREATE TABLE responses (id INT)");
    assertThat(external(dsn(foreign)).run("restore", file.toString()).err())
        .contains("is not empty: it has responses;");

    Dsn original = TestPostgres.originalDatabase(1);
    assertThat(external(original).run("restore", file.toString()).err()).contains("is not empty;");

    Path dataDir = folder.resolve("data");
    TestServers.prepare(dataDir);
    CommandRun used = embedded(dataDir).run("restore", file.toString());
    assertThat(used.code()).isEqualTo(1);
    assertThat(used.err()).contains("there is an embedded database in " + dataDir);
  }

  @Test
  void databaseWithoutSchemaIsNotBackedUp() throws Exception {
    assertThat(external(dsn(TestPostgres.emptyDatabase())).run("backup", file.toString()).err())
        .contains("is empty");
    assertThat(external(TestPostgres.originalDatabase(7)).run("backup", file.toString()).err())
        .contains("of the Go original");
    Dsn newer = dsn(TestPostgres.migratedDatabase());
    TestPostgres.execute(newer, "UPDATE agent_lab_migrations SET version = 999");
    assertThat(external(newer).run("backup", file.toString()).err())
        .contains("the schema is at version 999", "only a newer agent-lab can read it");
    assertThat(embedded(folder.resolve("data")).run("backup", file.toString()).err())
        .contains("there is no embedded database in");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void failureWhileRestoringLeavesNoDatabase() throws Exception {
    // The second name is not unique.
    String row = "%s\tsame\t{}\t\\N\t\\N\n";
    TestBackups.write(
        file,
        1,
        TestBackups.SCHEMA_VERSION,
        Map.of(
            "providers",
            row.formatted("11111111-1111-4111-8111-111111111111")
                + row.formatted("22222222-2222-4222-8222-222222222222")));

    DatabaseSettings empty = TestPostgres.emptyDatabase();
    CommandRun external = external(dsn(empty)).run("restore", file.toString());
    assertThat(external.code()).isEqualTo(1);
    assertThat(external.err()).contains("all changes were rolled back", "providers_name_key");
    new Migrator(dsn(empty)).requireEmpty(List.of());

    Path dataDir = emptyDataDir();
    CommandRun embedded = embedded(dataDir).run("restore", file.toString());
    assertThat(embedded.code()).isEqualTo(1);
    assertThat(EmbeddedPostgres.exists(dataDir)).isFalse();
    try (Stream<Path> rest = Files.list(dataDir.resolve("postgres"))) {
      assertThat(rest).allMatch(path -> path.getFileName().toString().startsWith("runtime-"));
    }
  }

  @Test
  void columnsOfDamagedBackupNeverReachTheDatabase() throws Exception {
    TestBackups.write(file, 1, 4, Map.of());
    DatabaseSettings empty = TestPostgres.emptyDatabase();
    assertThat(external(dsn(empty)).run("restore", file.toString()).err())
        .contains("is damaged: its table providers has the columns id, name, config, created_at");
    new Migrator(dsn(empty)).requireEmpty(List.of());
  }

  @Test
  void fullDiskLeavesNoFile() throws Exception {
    DatabaseSettings settings = TestPostgres.migratedDatabase();
    TestPostgres.execute(
        dsn(settings),
        """
        INSERT INTO providers (name, config)
        SELECT md5(i::text), jsonb_build_object('a', (
          SELECT string_agg(md5(random()::text), '') FROM generate_series(1, 300) WHERE i > 0))
        FROM generate_series(1, 100) AS i
        """);
    Path small = Files.createDirectory(folder.resolve("small"));
    assumeTrue(
        TestServers.run("mount", "-t", "tmpfs", "-o", "size=256k", "none", small.toString()));
    try {
      CommandRun run = external(dsn(settings)).run("backup", small.resolve("b").toString());
      assertThat(run.code()).isEqualTo(1);
      assertThat(run.err())
          .contains("cannot write %s: No space left on device".formatted(small.resolve("b")));
      assertThat(small).isEmptyDirectory();
    } finally {
      TestServers.run("umount", small.toString());
    }
    ok(external(dsn(settings)).run("backup", file.toString()));
  }

  @Test
  void quietCommandsPrintNothing() throws Exception {
    DatabaseSettings settings = TestPostgres.migratedDatabase();

    CommandRun backup = ok(external(dsn(settings)).run("backup", file.toString(), "-q"));
    CommandRun restore =
        ok(external(dsn(TestPostgres.emptyDatabase())).run("restore", file.toString(), "--quiet"));

    assertThat(backup.out() + backup.err() + restore.out() + restore.err()).isEmpty();
  }

  @Test
  void restoreByRootForAnotherUserIsRefusedBeforeReading() throws Exception {
    Path other = Files.createDirectory(folder.resolve("other"));
    assumeTrue(TestServers.run("chown", "1", other.toString()), "needs root");

    CommandRun run = embedded(other).run("restore", folder.resolve("missing").toString());

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains(other + " belongs to user ", "runuser -u ");
    assertThat(other).isEmptyDirectory();
  }

  @Test
  void existingFileIsKept() throws Exception {
    Files.writeString(file, "kept");
    CommandRun run = external(dsn(TestPostgres.migratedDatabase())).run("backup", file.toString());
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("it exists already");
    assertThat(file).hasContent("kept");
  }

  @Test
  void stoppedEmbeddedDatabaseIsBackedUp() throws Exception {
    Path dataDir = folder.resolve("data");
    TestServers.prepare(dataDir);
    ok(embedded(dataDir).run("migrate", "-up"));
    CommandRun run = ok(embedded(dataDir).run("backup", "relative"));
    assertThat(run.out())
        .containsPattern("audit_head +1\n")
        .contains("%s: ".formatted(folder.resolve("relative")));
    assertThat(folder.resolve("relative")).exists();
  }
}
