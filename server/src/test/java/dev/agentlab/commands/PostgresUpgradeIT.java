package dev.agentlab.commands;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.agentlab.cli.CommandRun;
import dev.agentlab.database.Dsn;
import dev.agentlab.database.Migrator;
import dev.agentlab.database.TestPostgres;
import dev.agentlab.postgres.EmbeddedPostgres;
import dev.agentlab.postgres.TestServers;
import dev.agentlab.server.TestClient;
import dev.agentlab.server.TestServer;
import dev.agentlab.testing.FakeUpstream;
import dev.agentlab.vault.TestVault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Upgrades the embedded database of an older major version of PostgreSQL, by the start of a
/// command.
class PostgresUpgradeIT {
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(10);

  @TempDir private Path folder;

  private Path dataDir = Path.of("none");

  @BeforeEach
  void prepare() throws Exception {
    assumeTrue(TestServers.hasOlder(), "no programs of PostgreSQL 17 for this machine");
    dataDir = folder.resolve("data");
    TestServers.prepareOlder(dataDir);
  }

  private CommandRun run(String... command) {
    return ServiceRun.in(folder)
        .environment("SERVICE_DATA_DIR", dataDir.toString())
        .environment("SECRETS_KEY", TestVault.KEY.reveal())
        .run(command);
  }

  private TestServer service(Dsn dsn) {
    return new TestServer(
        TestPostgres.settings(dsn),
        folder.resolve("service"),
        Map.of("SECRETS_KEY", TestVault.KEY.reveal()));
  }

  private String version(String cluster) throws IOException {
    return Files.readString(dataDir.resolve("postgres").resolve(cluster).resolve("data/PG_VERSION"))
        .strip();
  }

  @Test
  void everyRowSurvivesAndTheServiceStarts() throws Exception {
    try (FakeUpstream upstream = BackupCommandIT.upstream()) {
      Map<String, List<String>> original;
      String path;
      String key;
      try (TestServers.OlderServer older = TestServers.startOlder(dataDir)) {
        Dsn dsn = Dsn.of(older.access());
        TestServer source = service(dsn);
        source.start();
        path = BackupCommandIT.fill(source, upstream);
        key = source.adminKey();
        source.stop();
        original = BackupCommandIT.contents(dsn);
      }

      CommandRun backup = run("backup", folder.resolve("file").toString(), "--json");
      assertThat(backup.code()).as(backup.err()).isZero();
      assertThat(backup.json().at("/tables/agent_revisions").asInt()).isEqualTo(2);
      assertThat(version("cluster")).isEqualTo("18");
      assertThat(version("cluster-17")).isEqualTo("17");

      EmbeddedPostgres server = new EmbeddedPostgres(dataDir, "agent_lab", 20);
      server.start();
      try {
        Dsn upgraded = Dsn.of(server.access());
        assertThat(BackupCommandIT.contents(upgraded)).isEqualTo(original);
        TestServer service = service(upgraded);
        service.start();
        TestClient client = TestClient.of(service.url()).as(key);
        while (!upstream.isIdle()) {
          FakeUpstream.Request _ = upstream.request();
        }
        assertThat(client.post(path + "/probe", "").status()).isEqualTo(200);
        assertThat(upstream.request().header("Authorization")).contains("Bearer the-token");
        JsonNode audit = client.post("/api/audit/verify", "{}").json();
        assertThat(audit.path("intact").asBoolean()).as(audit.toString()).isTrue();
        service.stop();
        client.http().shutdownNow();
      } finally {
        server.stop(STOP_TIMEOUT);
      }
    }
  }

  @Test
  void databaseWithOlderSchemaIsUpgradedBeforeItIsMigrated() throws Exception {
    try (TestServers.OlderServer older = TestServers.startOlder(dataDir)) {
      Dsn dsn = Dsn.of(older.access());
      List<Migrator.Step> _ = new Migrator(dsn).steps(3);
      TestPostgres.execute(dsn, "INSERT INTO providers (name, config) VALUES ('p', '{}')");
    }
    CommandRun migrate = run("migrate", "--up");
    assertThat(migrate.code()).as(migrate.err()).isZero();
    CommandRun backup = run("backup", folder.resolve("file").toString(), "--json");
    assertThat(backup.json().at("/tables/providers").asInt()).as(backup.err()).isEqualTo(1);
    assertThat(version("cluster")).isEqualTo("18");
  }

  @Test
  void emptyDatabaseIsUpgraded() throws Exception {
    CommandRun reset = run("key", "reset-admin");
    assertThat(reset.code()).as(reset.err()).isZero();
    assertThat(version("cluster")).isEqualTo("18");
  }

  @Test
  void tablesOfOtherProgramsAreRefusedWithTheWayThrough() throws Exception {
    try (TestServers.OlderServer older = TestServers.startOlder(dataDir)) {
      Dsn dsn = Dsn.of(older.access());
      List<Migrator.Step> _ = new Migrator(dsn).up();
      TestPostgres.execute(dsn, "CREATE TABLE schema_migrations (); CREATE TABLE documents ()");
    }
    CommandRun migrate = run("migrate", "--up");
    assertThat(migrate.code()).isEqualTo(1);
    assertThat(migrate.err())
        .contains(
            "its database is one of PostgreSQL 17 and cannot be upgraded to 18",
            "tables of the Go original or of another program",
            "documents, schema_migrations",
            "the database is unchanged",
            "move the folder %s away".formatted(dataDir.resolve("postgres")),
            "`agent-lab restore`");
    assertThat(version("cluster")).isEqualTo("17");
    assertThat(dataDir.resolve("postgres/cluster-17")).doesNotExist();
  }
}
