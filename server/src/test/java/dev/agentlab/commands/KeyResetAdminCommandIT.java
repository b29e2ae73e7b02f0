package dev.agentlab.commands;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.cli.CommandRun;
import dev.agentlab.database.DatabaseSettings;
import dev.agentlab.database.Dsn;
import dev.agentlab.database.TestPostgres;
import dev.agentlab.postgres.EmbeddedPostgres;
import dev.agentlab.postgres.TestServers;
import dev.agentlab.server.TestServer;
import dev.agentlab.testing.Await;
import dev.agentlab.vault.TestVault;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class KeyResetAdminCommandIT {
  private final DatabaseSettings settings = TestPostgres.migratedDatabase();
  private final Dsn dsn = ((DatabaseSettings.External) settings.server()).dsn();
  private final TestServer server = new TestServer(settings);

  @TempDir private Path folder;

  @AfterEach
  void stop() {
    server.stop();
  }

  private CommandRun.With configuredLikeService() {
    return ServiceRun.in(folder)
        .environment("SERVICE_DATA_DIR", server.dataDir().toAbsolutePath().toString())
        .environment("SECRETS_KEY", TestVault.KEY.reveal())
        .environment("DATABASE_HOST", dsn.host())
        .environment("DATABASE_PORT", Integer.toString(dsn.port()))
        .environment("DATABASE_NAME", dsn.database())
        .environment("DATABASE_USER", dsn.user())
        .environment("DATABASE_PASSWORD", server.databasePassword())
        .environment("DATABASE_SSLMODE", "disable");
  }

  private int self(String key) {
    return server.client().as(key).get("/api/keys/self").status();
  }

  @Test
  void lostKeyIsReplacedAndAuditedWhileServiceRuns() throws Exception {
    server.start();
    String lost = server.adminKey();
    assertThat(self(lost)).isEqualTo(200);

    CommandRun run = configuredLikeService().typing("y").run("key", "reset-admin");

    Path file = server.dataDir().toAbsolutePath().resolve("admin.key");
    assertThat(run.err()).contains("earlier admin keys are revoked");
    assertThat(run.code()).isZero();
    assertThat(run.out()).isEqualToIgnoringNewLines(file.toString());
    assertThat(run.prompts()).hasSize(1);
    assertThat(run.prompts().getFirst()).contains(file.toString(), "[y/N]");
    String created = Files.readString(file).strip();
    assertThat(created).isNotEqualTo(lost);
    assertThat(run.out() + run.err()).doesNotContain(created);
    // The change feed notifies the service of both within a second.
    Await.value(200, () -> self(created));
    Await.until("the lost key is rejected", () -> self(lost), it -> it != 200);

    JsonNode events = server.client().get("/api/audit?kind=key").json().get("data");
    assertThat(events.valueStream().map(it -> it.get("action").asString()))
        .containsExactly("key.created", "key.revoked", "key.created");
    assertThat(events.valueStream().map(it -> it.get("caller_kind").asString()))
        .containsOnly("service");
    assertThat(server.client().post("/api/audit/verify", "{}").json().get("intact").asBoolean())
        .isTrue();
  }

  @Test
  void declinedConfirmationKeepsKey() {
    server.start();
    String key = server.adminKey();

    CommandRun run = configuredLikeService().typing("").run("key", "reset-admin");

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("nothing was changed");
    assertThat(server.adminKey()).isEqualTo(key);
    assertThat(self(key)).isEqualTo(200);
  }

  @Test
  void differentKeyEncryptionKeyIsRejected() {
    server.start();
    String key = server.adminKey();

    CommandRun run =
        configuredLikeService()
            .environment("SECRETS_KEY", "y".repeat(42) + "w=")
            .run("key", "reset-admin", "--yes");

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("need the same key");
    assertThat(self(key)).isEqualTo(200);
  }

  @Test
  void embeddedDatabaseIsStartedUnlessInUse() throws Exception {
    CommandRun.With here = ServiceRun.in(folder).environment("SERVICE_DATA_DIR", folder.toString());
    TestServers.prepare(folder);
    EmbeddedPostgres running = new EmbeddedPostgres(folder, "agent_lab", 5);
    running.start();
    try {
      CommandRun refused = here.run("key", "reset-admin", "--yes");
      assertThat(refused.code()).isEqualTo(1);
      assertThat(refused.out()).isEmpty();
      assertThat(refused.err()).contains("another process (", "stop that process first");
      assertThat(folder.resolve("admin.key")).doesNotExist();
    } finally {
      running.stop(Duration.ofSeconds(10));
    }

    CommandRun run = here.run("key", "reset-admin", "--yes", "--json");
    assertThat(run.err()).contains("earlier admin keys are revoked");
    assertThat(run.json().get("file").asString()).isEqualTo(folder.resolve("admin.key").toString());
    assertThat(Files.readString(folder.resolve("admin.key"))).startsWith("agl_admin_");
  }
}
