package dev.agentlab.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.config.Settings;
import dev.agentlab.database.DatabaseSettings;
import dev.agentlab.database.Migration;
import dev.agentlab.database.TestPostgres;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.testing.Await;
import dev.agentlab.vault.TestVault;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/// What `/api/about` shows of two replicas, one of which has secrets in its configuration.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AboutIT {
  private static final String PROXY_PASSWORD = "proxy-canary-4711";

  private final DatabaseSettings database = TestPostgres.migratedDatabase();

  /// Starts first, because the first start creates the admin key in its data folder.
  @Order(1)
  @RegisterExtension
  private final TestServer here =
      new TestServer(
          database,
          Path.of("target", "data", "about-" + UUID.randomUUID()),
          Map.of(
              "SECRETS_KEY",
              TestVault.KEY.reveal(),
              "UPSTREAM_PROXY",
              "http://user:%s@127.0.0.1:3128".formatted(PROXY_PASSWORD)));

  @RegisterExtension private final TestServer elsewhere = new TestServer(database);

  @Test
  void aboutDescribesTheProgramAndItsDatabase() {
    JsonNode about = here.client().get("/api/about").json();

    assertThat(about.get("version").asString()).isNotEmpty();
    assertThat(about.get("java").asString()).isEqualTo(Runtime.version().toString());
    assertThat(Instant.parse(about.get("started_at").asString())).isBefore(Instant.now());
    assertThat(about.at("/database/mode").asString()).isIn("embedded", "external");
    assertThat(about.at("/database/version").asString()).startsWith("1");
    assertThat(about.at("/database/migration").asLong())
        .isEqualTo(Migration.ALL.getLast().version());
  }

  @Test
  void aboutListsAllReplicasAndMarksTheOneThatAnswers() {
    JsonNode replicas =
        Await.until(
            "both replicas have announced themselves",
            () -> here.client().get("/api/about").json().get("replicas"),
            it -> it.size() == 2);

    assertThat(replicas.valueStream().map(it -> it.get("self").asBoolean()))
        .containsExactly(true, false);
  }

  @Test
  void configurationHasSourcesAndNoSecrets() {
    Answer answer = here.client().get("/api/about");
    JsonNode settings = answer.json().get("configuration");

    assertThat(answer.text())
        .doesNotContain(
            TestVault.KEY.reveal(), PROXY_PASSWORD, here.databasePassword(), here.adminKey());
    assertThat(settings).hasSize(Settings.ALL.size());
    assertThat(setting(settings, "secrets.key").get("value").asString()).isEqualTo("***");
    assertThat(setting(settings, "secrets.key").get("source").asString())
        .isEqualTo("environment SECRETS_KEY");
    assertThat(setting(settings, "server.port").toString())
        .startsWith(
            "{\"key\":\"server.port\",\"value\":\"8080\",\"source\":\"default\",\"variable\":\"SERVER_PORT\",\"description\":\"");
  }

  private static JsonNode setting(JsonNode settings, String key) {
    return settings
        .valueStream()
        .filter(it -> it.get("key").asString().equals(key))
        .findFirst()
        .orElseThrow();
  }
}
