package dev.agentlab.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.agentlab.e2e.Program.Result;
import dev.agentlab.json.Json;
import dev.agentlab.postgres.TestServers;
import dev.agentlab.server.TestClient;
import dev.agentlab.testing.Await;
import dev.agentlab.testing.FakeUpstream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// `backup` while the service is used, and `restore` on another machine.
@Timeout(value = 6, unit = TimeUnit.MINUTES)
class BackupE2ETest {
  private static final String TOKEN = "the token of the upstream";
  private static final String KEY = "b25lIGtleSBvZiB0aGlydHktdHdvIGJ5dGVzIGhlcmU=";
  private static final int WRITERS = 4;
  private static final int WRITES = 50;

  /// The numbers that the database must agree on in one snapshot: totals and rows, agents and
  /// revisions, rows of the trail.
  private static final String INCONSISTENCIES =
      """
      SELECT
        abs((SELECT sum(total) FROM table_totals WHERE table_name = 'providers')
          - (SELECT count(*) FROM providers))
        + abs((SELECT count(*) FROM audit) + (SELECT count(*) FROM audit_unchained)
          - (SELECT sum(version) FROM providers)
          - (SELECT count(*) FROM audit WHERE action = 'provider.deleted') * 4
          - (SELECT count(*) FROM audit_unchained WHERE action = 'provider.deleted') * 4
          - (SELECT count(*) FROM audit WHERE kind <> 'provider')
          - (SELECT count(*) FROM audit_unchained WHERE kind <> 'provider'))
      """;

  @TempDir private Path folder;

  private Path create(String name) throws IOException {
    return Files.createDirectory(folder.resolve(name));
  }

  private static Result ok(Result result) {
    assertThat(result.code()).as(result.err() + result.out()).isZero();
    return result;
  }

  @Test
  void backupOfServiceInUseIsConsistentAndRestoresElsewhere() throws Exception {
    Path source = create("source");
    Path target = create("target");
    Path file = folder.resolve("agent-lab.backup");
    AcknowledgedWrites before = new AcknowledgedWrites();
    String key;
    String provider;
    try (FakeUpstream upstream = AuthenticatedUpstream.requiring(TOKEN)) {
      TestServers.prepare(source.resolve("data"));
      try (Program program = Program.serve(source, Map.of())) {
        key = program.key().orElseThrow();
        provider = createProvider(program.client(), upstream);
        try (WriteWorkload writers = WriteWorkload.start(program.client(), before, WRITERS)) {
          writers.awaitMore(WRITES);
          writers.stop();
        }
        try (WriteWorkload writers =
            WriteWorkload.start(program.client(), new AcknowledgedWrites(), WRITERS)) {
          writers.awaitMore(WRITES);
          Result backup = ok(Program.run(source, Map.of(), "backup", file.toString(), "--json"));
          writers.awaitMore(WRITES);
          writers.stop();
          JsonNode json = Json.MAPPER.readTree(backup.out());
          assertThat(json.at("/tables/providers").asInt()).isPositive();
          assertThat(backup.out() + backup.err()).doesNotContain(TOKEN, key);
        }
      }

      Result missing = Program.run(target, Map.of(), "restore", file.toString());
      assertThat(missing.code()).isEqualTo(1);
      assertThat(missing.err()).contains("has no key (", "master.key");
      assertThat(target.resolve("data")).doesNotExist();

      Files.createDirectory(target.resolve("data"));
      Files.copy(source.resolve("data/master.key"), target.resolve("data/master.key"));
      Result restore = ok(Program.run(target, Map.of(), "restore", file.toString()));
      assertThat(restore.out()).contains("audit trail intact");

      try (Program program = Program.serve(target, Map.of())) {
        TestClient client = program.client().as(key);
        assertThat(client.get("/api/keys/self").status()).isEqualTo(200);
        before.verify(client);
        assertThat(client.post(provider + "/probe", "").text()).doesNotContain("401");
        assertThat(upstream.request().header("Authorization")).contains("Bearer " + TOKEN);
        assertThat(client.post("/api/audit/verify", "{}").json().path("intact").asBoolean())
            .isTrue();
        assertThat(program.key()).isEmpty();
        try (Connection database = program.connectToDatabase()) {
          assertThat(number(database, INCONSISTENCIES)).isZero();
        }
        assertThat(program.stop()).as(program.log()).isZero();
      }
      Result again = Program.run(target, Map.of(), "restore", file.toString());
      assertThat(again.code()).isEqualTo(1);
      assertThat(again.err()).contains("there is an embedded database in");
    }
  }

  @Test
  void databaseMovesFromEmbeddedToExternalServer() throws Exception {
    Path source = create("source");
    TestServers.prepare(source.resolve("data"));
    AcknowledgedWrites writes = new AcknowledgedWrites();
    Map<String, String> secrets = Map.of("SECRETS_KEY", KEY);
    String key;
    try (Program program = Program.serve(source, secrets)) {
      key = program.key().orElseThrow();
      try (WriteWorkload writers = WriteWorkload.start(program.client(), writes, WRITERS)) {
        writers.awaitMore(WRITES);
        writers.stop();
      }
      assertThat(program.stop()).as(program.log()).isZero();
    }
    Path file = folder.resolve("agent-lab.backup");
    ok(Program.run(source, secrets, "backup", file.toString()));
    try (ExternalPostgres postgres = ExternalPostgres.roomy(create("postgres"))) {
      Map<String, String> environment = new TreeMap<>(postgres.environment());
      environment.putAll(secrets);
      Path target = create("target");
      ok(Program.run(target, environment, "restore", file.toString()));
      try (Program program = Program.serve(target, environment)) {
        TestClient client = program.client().as(key);
        writes.verify(client);
        assertThat(program.stop()).as(program.log()).isZero();
      }
    }
  }

  @Test
  void killedRestoreLeavesNoDatabase() throws Exception {
    Path source = create("source");
    Path target = create("target");
    Path file = folder.resolve("agent-lab.backup");
    Map<String, String> secrets = Map.of("SECRETS_KEY", KEY);
    TestServers.prepare(source.resolve("data"));
    try (Program program = Program.serve(source, secrets)) {
      try (Connection database = program.connectToDatabase();
          Statement statement = database.createStatement()) {
        statement.execute(
            """
            INSERT INTO providers (name, config)
            SELECT md5(i::text), '{"name": "ollama"}' FROM generate_series(1, 100000) AS i
            """);
      }
      ok(Program.run(source, secrets, "backup", file.toString()));
    }
    TestServers.prepare(target.resolve("data"));
    TestServers.delete(target.resolve("data/postgres/cluster"));
    Process restore = Program.begin(target, secrets, "restore", file.toString());
    // The draft has a server, and the restore is in progress.
    Await.until(
        "the restore is in progress", () -> !drafts(target, "data/postmaster.pid").isEmpty());
    restore.destroyForcibly().waitFor();
    assertThat(target.resolve("data/postgres/cluster")).doesNotExist();

    ok(Program.run(target, secrets, "restore", file.toString()));
    assertThat(target.resolve("data/postgres/cluster")).exists();
    assertThat(drafts(target, "")).isEmpty();
  }

  @Test
  void fullDiskLeavesNoPartOfBackup() throws Exception {
    Path source = create("source");
    Path disk = create("disk");
    assumeTrue(TestServers.run("mount", "-t", "tmpfs", "-o", "size=16k", "none", disk.toString()));
    try {
      TestServers.prepare(source.resolve("data"));
      try (Program program = Program.serve(source, Map.of())) {
        try (WriteWorkload writers =
            WriteWorkload.start(program.client(), new AcknowledgedWrites(), WRITERS)) {
          writers.awaitMore(4 * WRITES);
          writers.stop();
        }
        Result backup =
            Program.run(source, Map.of(), "backup", disk.resolve("a.backup").toString());
        assertThat(backup.code()).isEqualTo(1);
        assertThat(backup.err()).contains("No space left on device");
        assertThat(disk).isEmptyDirectory();
      }
    } finally {
      TestServers.run("umount", disk.toString());
    }
  }

  private static List<Path> drafts(Path target, String file) throws IOException {
    try (Stream<Path> folders = Files.list(target.resolve("data/postgres"))) {
      return folders
          .filter(it -> it.getFileName().toString().startsWith("new-"))
          .filter(it -> Files.exists(it.resolve(file)))
          .toList();
    }
  }

  private static String createProvider(TestClient client, FakeUpstream upstream) {
    TestClient.Answer created =
        client.post(
            "/api/providers",
            """
            {"name": "with a secret", "config": {"name": "ollama", "base_url": "%s",
             "options": {"auth_type": "bearer", "token": "%s"}}}\
            """
                .formatted(upstream.url(""), TOKEN));
    assertThat(created.status()).as(created.text()).isEqualTo(201);
    return created.header("Location");
  }

  private static long number(Connection database, String sql) throws SQLException {
    try (Statement statement = database.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }
}
