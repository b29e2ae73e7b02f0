package dev.agentlab.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.json.Json;
import dev.agentlab.server.TestClient.Answer;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The size limits of configurations. Larger ones that are stored already remain usable.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConfigSizeLimitsIT {
  private static final int PROVIDER = 65_536;
  private static final int AGENT = 262_144;

  @RegisterExtension private final TestServer server = new TestServer();

  private static String ollama(String note) {
    return "{\"name\":\"ollama\",\"base_url\":\"http://localhost:9\",\"options\":{\"note\":\"%s\"}}"
        .formatted(note);
  }

  private static String agent(String prompt, String more) {
    return "{\"system_prompt\":\"%s\",\"provider\":%s,\"model\":{\"name\":\"m\"%s}}"
        .formatted(prompt, ollama(""), more);
  }

  private static String body(String config) {
    return "{\"name\": \"%s\", \"config\": %s}".formatted("sized " + UUID.randomUUID(), config);
  }

  /// The text that enlarges a template with an empty value to a size, in two-byte characters.
  private static String filler(String empty, int bytes) {
    int left = bytes - empty.length();
    return "é".repeat(left / 2) + "x".repeat(left % 2);
  }

  /// The stored resource; the response to a create has warnings in addition.
  private static JsonNode stored(Answer created) {
    return ((ObjectNode) created.json()).without("warnings");
  }

  private static void assertRejected(Answer answer, String field, int most, int size) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(400);
    JsonNode error = answer.json().at("/errors/0");
    assertThat(error.get("field").asString()).isEqualTo(field);
    assertThat(error.get("message").asString())
        .isEqualTo("must be at most %d bytes as JSON, was %d".formatted(most, size));
  }

  @Test
  void providerConfigAboveTheSizeLimitIsRejected() {
    TestClient client = server.client();
    Answer created = client.post("/api/providers", body(ollama(filler(ollama(""), PROVIDER))));
    assertThat(created.status()).as(created.text()).isEqualTo(201);
    String path = created.header("Location");

    String large = ollama(filler(ollama(""), PROVIDER + 1));
    assertRejected(client.post("/api/providers", body(large)), "config", PROVIDER, PROVIDER + 1);
    assertRejected(client.put(path, body(large)), "config", PROVIDER, PROVIDER + 1);
    assertRejected(
        client.post("/api/providers/probe", "{\"config\": %s}".formatted(large)),
        "config",
        PROVIDER,
        PROVIDER + 1);
    assertThat(client.get(path).json()).isEqualTo(stored(created));
    assertThat(client.delete(path).status()).isEqualTo(204);
  }

  @Test
  void agentConfigAboveTheSizeLimitIsRejected() {
    TestClient client = server.client();
    // Leaves room for default values, which count towards the limit.
    Answer created =
        client.post("/api/agents", body(agent(filler(agent("", ""), AGENT - 500), "")));
    assertThat(created.status()).as(created.text()).isEqualTo(201);
    String path = created.header("Location");

    String large = agent(filler(agent("", ""), AGENT + 1), "");
    assertRejected(client.post("/api/agents", body(large)), "config", AGENT, AGENT + 1);
    assertRejected(client.put(path, body(large)), "config", AGENT, AGENT + 1);
    String own = ollama(filler(ollama(""), PROVIDER + 1));
    assertRejected(
        client.post(
            "/api/agents", body("{\"provider\": %s, \"model\": {\"name\": \"m\"}}".formatted(own))),
        "config.provider",
        PROVIDER,
        PROVIDER + 1);
    assertThat(client.get(path).json()).isEqualTo(stored(created));
    assertThat(client.delete(path).status()).isEqualTo(204);
  }

  @Test
  void configAboveTheSizeLimitAfterEncryptionIsRejected() {
    String many = "{\"keys\":[1" + ",1".repeat(4_000) + "]}";
    String config = ollama("").replace("{\"note\":\"\"}", many);
    TestClient client = server.client();
    for (Answer answer :
        new Answer[] {
          client.post("/api/providers", body(config)),
          client.post(
              "/api/agents",
              body("{\"provider\": %s, \"model\": {\"name\": \"m\"}}".formatted(config)))
        }) {
      assertThat(answer.status()).as(answer.text()).isEqualTo(400);
      assertThat(answer.json().at("/errors/0/field").asString()).isEqualTo("config");
      assertThat(answer.json().at("/errors/0/message").asString())
          .contains("with its secrets encrypted, was");
    }
  }

  @Test
  void storedConfigAboveTheSizeLimitRemainsUsable() {
    TestClient client = server.client();
    String provider = stored("providers", ollama("x".repeat(500_000)));
    String agent = stored("agents", agent("x".repeat(500_000), ""));

    Answer read = client.get("/api/providers/" + provider);
    assertThat(read.json().at("/config/options/note").asString()).hasSize(500_000);
    assertThat(client.post("/api/providers/%s/probe".formatted(provider), "").status())
        .isEqualTo(200);
    assertThat(client.get("/api/agents/" + agent).json().at("/config/system_prompt").asString())
        .hasSize(500_000);
    assertThat(client.put("/api/providers/" + provider, body(ollama("small"))).status())
        .isEqualTo(200);
    assertThat(client.put("/api/agents/" + agent, body(agent("small", ""))).status())
        .isEqualTo(200);
    assertThat(client.delete("/api/providers/" + provider).status()).isEqualTo(204);
    assertThat(client.delete("/api/agents/" + agent).status()).isEqualTo(204);
  }

  /// Inserts a row without validation and returns its id.
  private String stored(String table, String config) {
    UUID id = UUID.randomUUID();
    server.execute(
        "INSERT INTO %s (id, name, config) VALUES ('%s', '%s', '%s')"
            .formatted(table, id, id, config));
    return id.toString();
  }

  @Test
  void apiDescriptionContainsTheSizeLimits() {
    String description =
        Json.MAPPER.writeValueAsString(server.client().get("/openapi.json").json());
    assertThat(description)
        .contains("at most %d bytes as JSON".formatted(PROVIDER))
        .contains("at most %d bytes as JSON".formatted(AGENT));
  }
}
