package dev.agentlab.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.database.DatabaseSettings;
import dev.agentlab.database.TestPostgres;
import dev.agentlab.secrets.Secret;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.testing.Await;
import dev.agentlab.testing.FakeUpstream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Rotation of the key-encryption key while one replica reads it from a file and another from its
/// environment.
class KeyRotationIT {
  @TempDir private Path folder;

  private final DatabaseSettings database = TestPostgres.migratedDatabase();
  private final FakeUpstream upstream = FakeUpstream.start(FakeUpstream.json("{\"data\": []}"));
  private Optional<TestServer> inFile = Optional.empty();
  private Optional<TestServer> inEnvironment = Optional.empty();

  @AfterEach
  void stop() throws Exception {
    inFile.ifPresent(TestServer::stop);
    inEnvironment.ifPresent(TestServer::stop);
    upstream.close();
  }

  private TestServer startServer(Optional<Secret> key, List<Secret> previous) {
    Map<String, String> variables =
        Map.of(
            "SECRETS_KEY",
            key.map(Secret::reveal).orElse(""),
            "SECRETS_PREVIOUS_KEYS",
            previous.stream().map(Secret::reveal).collect(Collectors.joining(",")));
    TestServer server = new TestServer(database, folder, variables);
    server.start();
    return server;
  }

  private TestClient withFile() {
    if (inFile.isEmpty()) {
      inFile = Optional.of(startServer(Optional.empty(), List.of()));
    }
    return inFile.get().client();
  }

  /// Starts a replica with keys in its environment, instead of the previous one.
  private TestClient withEnvironment(List<Secret> keys) {
    inEnvironment.ifPresent(TestServer::stop);
    inEnvironment = Optional.empty();
    inEnvironment =
        Optional.of(startServer(Optional.of(keys.getFirst()), keys.subList(1, keys.size())));
    return inEnvironment.get().client();
  }

  /// The keys in the file, the newest first.
  private List<Secret> keys() {
    try {
      return Files.readAllLines(folder.resolve("master.key")).stream().map(Secret::of).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Stores a secret through one replica and uses it through both.
  private void assertSecretIsShared(String name, TestClient writer, TestClient reader)
      throws Exception {
    Answer created =
        writer.post(
            "/api/providers",
            """
            {"name": "%s", "config": {"name": "ollama", "base_url": "%s",
             "options": {"auth_type": "bearer", "token": "a secret"}}}\
            """
                .formatted(name, upstream.url("")));
    assertThat(created.status()).as(created.text()).isEqualTo(201);
    for (TestClient client : List.of(writer, reader)) {
      Answer probe = client.post(created.header("Location") + "/probe", "");
      assertThat(probe.status()).as(probe.text()).isEqualTo(200);
      assertThat(upstream.request().header("Authorization")).contains("Bearer a secret");
    }
  }

  private static String newestKey(TestClient client) {
    return client.get("/api/secrets").json().get("key").asString();
  }

  @Test
  void rotationWaitsForAReplicaWithTheOldKeyInItsEnvironment() throws Exception {
    TestClient file = withFile();
    TestClient environment = withEnvironment(keys());
    String old = newestKey(file);
    assertSecretIsShared("before", file, environment);

    for (int i = 0; i < 2; i++) {
      Answer refused = file.post("/api/secrets/rotate", "");
      assertThat(refused.status()).as(refused.text()).isEqualTo(409);
      assertThat(refused.json().get("type").asString()).isEqualTo("/problems/replica-stale");
      assertThat(refused.json().get("detail").asString())
          .contains(
              "127.0.0.1:0 (environment) lacks the key " + newestKey(file),
              "SECRETS_PREVIOUS_KEYS");
      assertThat(keys()).hasSize(2);
    }
    assertThat(environment.post("/api/secrets/rotate", "").status()).isEqualTo(409);
    assertSecretIsShared("meanwhile-a", file, environment);
    assertSecretIsShared("meanwhile-b", environment, file);
    Answer readiness =
        Await.until(
            "the replica reports the missing key",
            () -> environment.get("/readyz"),
            it -> it.text().contains(newestKey(file)));
    assertThat(readiness.status()).isEqualTo(200);
    assertThat(file.get("/readyz").text()).isEqualTo("READY");
    Stream.of(file, environment)
        .forEach(it ->
            assertThat(it.get("/api/secrets").json().at("/stale_replicas/0/address").asString())
                .isEqualTo("127.0.0.1:0"));

    TestClient restarted = withEnvironment(keys());
    Answer rotated = file.post("/api/secrets/rotate", "");
    assertThat(rotated.status()).as(rotated.text()).isEqualTo(200);
    assertThat(rotated.json().at("/unused_keys/0").asString()).isEqualTo(old);
    assertThat(keys()).hasSize(1);
    assertSecretIsShared("after-a", file, restarted);
    assertSecretIsShared("after-b", restarted, file);
    assertThat(restarted.get("/api/secrets").json().get("stale_replicas")).isEmpty();
    assertThat(restarted.get("/readyz").text()).isEqualTo("READY");
  }

  @Test
  void replicaWithOnlyAReplacedKeyIsNotReady() {
    TestClient file = withFile();
    TestClient environment = withEnvironment(keys());
    // Simulates a replica that has not reached the database for a minute.
    inFile.orElseThrow().execute("ALTER TABLE replicas ADD CHECK (source = 'file') NOT VALID");
    inFile.orElseThrow().execute("DELETE FROM replicas WHERE source = 'environment'");
    assertThat(file.post("/api/secrets/rotate", "").status()).isEqualTo(200);
    inFile.orElseThrow().execute("ALTER TABLE replicas DROP CONSTRAINT replicas_source_check");

    Answer readiness =
        Await.until(
            "the replica is not ready", () -> environment.get("/readyz"), it -> it.status() == 503);
    assertThat(readiness.text()).startsWith("NOT READY\n").contains(newestKey(file));
    assertThat(file.get("/readyz").text()).isEqualTo("READY");
    Answer refused = environment.post("/api/secrets/rotate", "");
    assertThat(refused.status()).isEqualTo(500);
    assertThat(refused.json().get("detail").asString()).contains("SECRETS_KEY", newestKey(file));
  }
}
