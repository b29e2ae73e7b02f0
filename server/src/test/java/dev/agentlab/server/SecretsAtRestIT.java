package dev.agentlab.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.database.DatabaseSettings;
import dev.agentlab.database.TestPostgres;
import dev.agentlab.json.Json;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.testing.FakeUpstream;
import dev.agentlab.vault.TestVault;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The database contains no plaintext secrets after any operation.
class SecretsAtRestIT {
  private static final String CANARY = "canary-3f9a";

  @TempDir private Path folder;

  private TestServer server(DatabaseSettings database) {
    return new TestServer(
        database,
        folder.resolve("data"),
        Map.of(
            "SECRETS_ENV",
            "LISTED",
            "LISTED",
            CANARY + "-of-the-environment",
            "SECRETS_FOLDER",
            folder.resolve("secrets").toString()));
  }

  private static String ollama(String url, String token) {
    return """
    {"name": "ollama", "base_url": "%s", "options": {"auth_type": "bearer", "token": %s,
     "headers": {"Authorization": "%s-nested"}}}\
    """
        .formatted(url, token, CANARY);
  }

  private static String body(String name, String config) {
    return "{\"name\": \"%s\", \"config\": %s}".formatted(name, config);
  }

  private static String agent(String provider) {
    return "{\"provider\": %s, \"model\": {\"name\": \"m\"}}".formatted(provider);
  }

  private static String quoted(String what) {
    return "\"%s-%s\"".formatted(CANARY, what);
  }

  private static Answer ok(Answer answer) {
    assertThat(answer.status()).as(answer.text()).isBetween(200, 299);
    assertThat(answer.text()).doesNotContain(CANARY);
    return answer;
  }

  @Test
  void dumpContainsNoSecretOfProvidersOrAgents() throws Exception {
    TestServer server = server(TestPostgres.migratedDatabase());
    server.start();
    try (FakeUpstream upstream = FakeUpstream.start(FakeUpstream.json("{\"data\": []}"))) {
      TestClient client = server.client();
      String url = upstream.url("").toString();
      Answer created =
          ok(
              client.post(
                  "/api/providers",
                  body("p", ollama(url, quoted("first"))),
                  "Idempotency-Key",
                  "k1"));
      String path = created.header("Location");
      ok(client.put(path, body("p", ollama(url, quoted("second")))));
      ok(client.post(path + "/probe", ""));
      ok(
          client.post(
              "/api/providers/probe",
              "{\"config\": %s}".formatted(ollama(url, quoted("candidate")))));
      Answer agent =
          ok(
              client.post(
                  "/api/agents",
                  body("a", agent(ollama(url, quoted("inline")))),
                  "Idempotency-Key",
                  "k2"));
      String agentPath = agent.header("Location");
      ok(client.put(agentPath, body("a", agent(ollama(url, quoted("inline-2"))))));
      ok(client.post(agentPath + "/revisions/1/restore", ""));
      ok(client.post("/api/secrets/rotate", ""));
      ok(client.get(path));
      ok(client.get(agentPath + "/revisions"));

      assertThat(server.dump().toString())
          .contains("\"sealed\"", "data_keys")
          .doesNotContain(CANARY);
      assertThat(server.secretsOf(created.json().get("id").asString())).isEqualTo(1);
      ok(client.delete(path));
      assertThat(server.secretsOf(created.json().get("id").asString())).isZero();
    } finally {
      server.stop();
    }
  }

  @Test
  void takeOverEncryptsSecretsOfGoOriginal() throws Exception {
    DatabaseSettings database =
        TestServer.takenOverDatabase(
            """
            INSERT INTO providers (name, config, created_at, updated_at)
            SELECT 'p' || i, replace('{"name": "azure", "base_url": "https://r.openai.azure.com/openai",
              "options": {"deployment": "d", "auth_type": "api_key", "token": "CANARY-token",
              "api_version": "v", "client_secret": "CANARY-guessed"}, "api_key": "CANARY-beside"}',
              'CANARY', 'CANARY')::jsonb, '2024-01-02T03:04:05Z', '2024-02-02T03:04:05Z'
            FROM generate_series(1, 450) i;
            INSERT INTO providers (name, config) VALUES
              ('unknown', '{"name": "new", "base_url": "http://x", "options": {"region": "CANARY-r",
                "n": {"list": ["CANARY-l", 5, null, ""]}}}'),
              ('address', '{"name": "ollama", "base_url": "http://u:CANARY-pw@localhost"}'),
              ('junk', '["x"]');
            INSERT INTO agents (name, config, created_at, updated_at) VALUES
              ('own', '{"provider": {"name": "ollama", "base_url": "http://localhost", "options":
                {"auth_type": "bearer", "token": "CANARY-own"}}, "model": {"name": "m"}}',
                '2024-01-02T03:04:05Z', '2024-02-02T03:04:05Z'),
              ('strange', '{"provider": ["CANARY-listed"], "transport": {"token": "CANARY-t"},
                "model": {"name": "m"}}', NULL, NULL);
            """
                .replace("CANARY", CANARY));
    TestServer server = new TestServer(database);
    assertThat(server.dump().toString()).contains("\"sealed\"").doesNotContain(CANARY);
    server.start();
    try {
      Answer one = ok(server.client().get("/api/providers?search=p1&page_size=1"));
      JsonNode provider = one.json().at("/data/0");
      assertThat(provider.get("updated_at").asString()).isEqualTo("2024-02-02T03:04:05Z");
      assertThat(provider.at("/config/options/token"))
          .isEqualTo(
              Json.MAPPER.readTree(
                  """
                  {"set": true, "hint": "…oken", "updated_at": "2024-02-02T03:04:05Z"}\
                  """));
      String path = "/api/providers/" + provider.get("id").asString();
      assertThat(server.client().get(path).header("ETag")).isEqualTo("\"1\"");
      JsonNode address =
          server.client().get("/api/providers?search=address").json().at("/data/0/config/base_url");
      assertThat(address.asString()).isEqualTo("http://***@localhost");
      JsonNode own = server.client().get("/api/agents?search=own").json().at("/data/0");
      Answer revisions =
          ok(server.client().get("/api/agents/" + own.get("id").asString() + "/revisions"));
      assertThat(revisions.json().get("total").asInt()).isEqualTo(1);
      Answer restored =
          ok(
              server
                  .client()
                  .post("/api/agents/" + own.get("id").asString() + "/revisions/1/restore", ""));
      assertThat(restored.header("ETag")).isEqualTo("\"1\"");
    } finally {
      server.stop();
    }
  }

  @Test
  void modifiedCiphertextIsNotUsedAndCanBeReplaced() {
    TestServer server = new TestServer();
    server.start();
    try {
      TestClient client = server.client();
      String config = ollama("http://127.0.0.1:1", quoted("x"));
      Answer created = ok(client.post("/api/providers", body("p", config)));
      Answer other = ok(client.post("/api/providers", body("q", config)));
      String path = created.header("Location");
      server.execute(
          """
          UPDATE providers SET config = (SELECT config FROM providers WHERE name = 'q')
          WHERE name = 'p'
          """);

      Answer broken = client.post(path + "/probe", "");
      assertThat(broken.status()).isEqualTo(500);
      assertThat(broken.json().get("error").asString()).contains("options.token", "set it again");
      ok(client.get(path));
      ok(client.put(path, body("p", config)));
      ok(client.post(path + "/probe", ""));
      ok(client.post(other.header("Location") + "/probe", ""));
    } finally {
      server.stop();
    }
  }

  @Test
  void secretReferencesAreResolvedWhenTheProviderIsCalled() throws Exception {
    Files.createDirectories(folder.resolve("secrets"));
    TestServer server = server(TestPostgres.migratedDatabase());
    server.start();
    try (FakeUpstream upstream = FakeUpstream.start(FakeUpstream.json("{\"data\": []}"))) {
      TestClient client = server.client();
      String url = upstream.url("").toString();
      String listed = "{\"env\": \"LISTED\"}";
      Answer created = ok(client.post("/api/providers", body("p", ollama(url, listed))));
      String path = created.header("Location");
      assertThat(created.json().at("/config/options/token"))
          .isEqualTo(Json.MAPPER.readTree("{\"set\": true, \"env\": \"LISTED\"}"));
      ok(client.post(path + "/probe", ""));
      assertThat(upstream.request().header("Authorization"))
          .contains("Bearer " + CANARY + "-of-the-environment");

      Answer unlisted = client.put(path, body("p", ollama(url, "{\"env\": \"PATH\"}")));
      assertThat(unlisted.status()).isEqualTo(400);
      assertThat(unlisted.json().at("/errors/0/field").asString())
          .isEqualTo("config.options.token");
      assertThat(unlisted.json().get("error").asString()).contains("secrets.env");

      ok(client.put(path, body("p", ollama(url, "{\"file\": \"key\"}"))));
      Answer missing = client.post(path + "/probe", "");
      assertThat(missing.status()).isEqualTo(400);
      assertThat(missing.json().get("error").asString()).contains("cannot read");
      Files.writeString(folder.resolve("secrets/key"), CANARY + "-of-a-file\n");
      ok(client.post(path + "/probe", ""));
      assertThat(upstream.request().header("Authorization"))
          .contains("Bearer " + CANARY + "-of-a-file");

      Answer kept = ok(client.put(path, body("p", ollama(url, "0").replace("\"token\": 0,", ""))));
      assertThat(kept.json().at("/config/options/token/file").asString()).isEqualTo("key");
      Answer moved =
          client.put(
              path, body("p", ollama("http://127.0.0.9:1", "0").replace("\"token\": 0,", "")));
      assertThat(moved.status()).isEqualTo(409);
      assertThat(server.dump().toString()).doesNotContain(CANARY);
    } finally {
      server.stop();
    }
  }

  @Test
  void rotationUnderLoadKeepsEverySecretReadable() throws Exception {
    DatabaseSettings database = TestPostgres.migratedDatabase();
    TestServer one = server(database);
    TestServer two = server(database);
    one.start();
    two.start();
    AtomicBoolean done = new AtomicBoolean();
    try (FakeUpstream upstream = FakeUpstream.start(FakeUpstream.json("{\"data\": []}"));
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      String url = upstream.url("").toString();
      List<Future<Integer>> writers = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        TestClient client = (i % 2 == 0 ? one : two).client();
        String name = "writer" + i;
        writers.add(threads.submit(() -> writes(client, name, url, done)));
      }
      List<String> keys = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        Answer rotated = ok((i % 2 == 0 ? one : two).client().post("/api/secrets/rotate", ""));
        keys.add(rotated.json().get("key").asString());
      }
      done.set(true);
      int written = 0;
      for (Future<Integer> writer : writers) {
        written += writer.get();
      }
      assertThat(written).isPositive();
      assertThat(keys).doesNotHaveDuplicates();
      Answer status = ok(two.client().get("/api/secrets"));
      assertThat(status.json().get("key").asString()).isEqualTo(keys.getLast());
      assertThat(status.json().get("outdated").asInt()).isZero();
      assertThat(Files.readAllLines(folder.resolve("data/master.key"))).hasSize(1);
      for (JsonNode row : two.client().get("/api/providers?page_size=100").json().get("data")) {
        ok(two.client().post("/api/providers/" + row.get("id").asString() + "/probe", ""));
      }
    } finally {
      done.set(true);
      one.stop();
      two.stop();
    }
  }

  private static int writes(TestClient client, String name, String url, AtomicBoolean done) {
    int written = 0;
    while (!done.get()) {
      String config = ollama(url, quoted(name + written));
      String path =
          ok(client.post("/api/providers", body(name + "-" + written, config))).header("Location");
      ok(client.post(path + "/probe", ""));
      ok(client.put(path, body(name + "-" + written, ollama(url, quoted("again")))));
      ok(client.get(path + "/models"));
      if (written % 3 != 0) {
        ok(client.delete(path));
      }
      written++;
    }
    return written;
  }

  @Test
  void readingAProviderDecryptsNoSecret() {
    TestServer server = new TestServer();
    server.start();
    try {
      TestClient client = server.client();
      Answer created =
          ok(client.post("/api/providers", body("p", ollama("http://127.0.0.1:1", quoted("x")))));
      // The masked form needs no data key.
      server.execute("DELETE FROM data_keys WHERE owner_table = 'providers'");
      assertThat(ok(client.get(created.header("Location"))).json())
          .isEqualTo(((ObjectNode) created.json()).without("warnings"));
      assertThat(client.post(created.header("Location") + "/probe", "").status()).isEqualTo(500);
      assertThat(server.dump().toString()).doesNotContain(TestVault.KEY.reveal());
    } finally {
      server.stop();
    }
  }
}
