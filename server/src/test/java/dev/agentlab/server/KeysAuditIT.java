package dev.agentlab.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.audit.AuditActions;
import dev.agentlab.database.TestPostgres;
import dev.agentlab.server.TestClient.Answer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// The audit events of API keys and of the key-encryption key.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KeysAuditIT {
  private TestServer server;

  @BeforeAll
  void start(@TempDir Path folder) {
    server = new TestServer(TestPostgres.migratedDatabase(), folder, Map.of());
    server.start();
  }

  @AfterAll
  void stop() {
    server.stop();
  }

  @AfterEach
  void trailIsIntact() {
    JsonNode report = server.client().post("/api/audit/verify", "{}").json();
    assertThat(report.get("intact").asBoolean()).as(report.toString()).isTrue();
  }

  private Answer create(TestClient client, String more) {
    Answer created =
        client.post(
            "/api/keys",
            "{\"name\": \"ci\", \"scopes\": [\"keys:admin\", \"agents:read\"]%s}".formatted(more));
    assertThat(created.status()).as(created.text()).isEqualTo(201);
    return created;
  }

  private static String id(Answer answer) {
    return answer.json().get("id").asString();
  }

  private static String secret(String key) {
    return key.substring(key.length() - 49);
  }

  private static String secret(Answer answer) {
    return secret(answer.json().get("key").asString());
  }

  private List<JsonNode> events(String filter) {
    Answer page = server.client().get("/api/audit?page_size=100&" + filter);
    assertThat(page.status()).as(page.text()).isEqualTo(200);
    List<JsonNode> events = page.json().get("data").valueStream().toList();
    assertThat(AuditActions.ALL).containsAll(texts(events, "/action"));
    return events;
  }

  private static List<String> texts(List<JsonNode> events, String at) {
    return events.stream().map(event -> event.at(at).asString()).toList();
  }

  @Test
  void everyChangeOfAKeyIsRecordedWithItsCaller() {
    Answer creator = create(server.client(), "");
    TestClient client = server.client().as(creator.json().get("key").asString());
    Answer created = create(client, ", \"expires_at\": \"2999-01-01T00:00:00Z\"");
    String path = "/api/keys/" + id(created);
    Answer rotated = client.post(path + "/rotate", "{\"overlap\": \"1h\"}");
    assertThat(client.delete(path).status()).isEqualTo(204);
    assertThat(client.delete(path).status()).isEqualTo(204);

    List<JsonNode> events = events("kind=key&resource=" + id(created));
    assertThat(texts(events, "/action"))
        .containsExactly("key.revoked", "key.rotated", "key.created");
    assertThat(texts(events, "/resource_name")).containsOnly("ci");
    assertThat(events("resource=" + id(created) + "&caller=" + id(creator))).isEqualTo(events);
    assertThat(events.getLast().has("before")).isFalse();
    JsonNode state = events.getLast().get("after");
    assertThat(state.get("name").asString()).isEqualTo("ci");
    assertThat(state.get("type").asString()).isEqualTo("key");
    assertThat(state.get("prefix")).isEqualTo(created.json().get("prefix"));
    assertThat(state.get("scopes").toString()).isEqualTo("[\"agents:read\",\"keys:admin\"]");
    assertThat(state.get("expires_at").asString()).isEqualTo("2999-01-01T00:00:00Z");
    assertThat(state.get("created_by").asString()).isEqualTo(id(creator));
    assertThat(events.get(1).get("before")).isEqualTo(state);
    assertThat(events.get(1).at("/after/previous_expires_at"))
        .isEqualTo(rotated.json().get("previous_expires_at"));
    assertThat(events.getFirst().get("before")).isEqualTo(events.get(1).get("after"));
    assertThat(events.getFirst().at("/after/status").asString()).isEqualTo("revoked");
    assertThat(events.getFirst().get("after").has("revoked_at")).isTrue();
    assertThat(events("kind=key").toString() + server.dump().get("public.audit"))
        .doesNotContain(
            secret(creator),
            secret(created),
            secret(rotated),
            server.stored(
                "SELECT encode(key_hash, 'hex') FROM api_keys WHERE id = ?", id(created)));
  }

  @Test
  void adminKeyOfTheFirstStartIsRecordedAsCreatedByTheService() {
    List<JsonNode> events = events("action=key.created&caller=service");

    assertThat(events).hasSize(1);
    JsonNode event = events.getFirst();
    assertThat(event.at("/after/type").asString()).isEqualTo("admin");
    assertThat(server.adminKey()).startsWith(event.at("/after/prefix").asString());
    assertThat(event.toString()).doesNotContain(secret(server.adminKey()));
    assertThat(event.has("address")).isFalse();
  }

  @Test
  void failedChangeIsNotRecorded() {
    long before = events("kind=key").size();
    Answer revoked = create(server.client(), "");
    server.client().delete("/api/keys/" + id(revoked));

    assertThat(server.client().post("/api/keys", "{\"name\": \"x\", \"scopes\": []}").status())
        .isEqualTo(400);
    assertThat(server.client().delete("/api/keys/" + UUID.randomUUID()).status()).isEqualTo(404);
    assertThat(server.client().post("/api/keys/" + id(revoked) + "/rotate", "{}").status())
        .isEqualTo(409);
    assertThat(events("kind=key")).hasSize((int) before + 2);
  }

  @Test
  void changeThatCannotBeRecordedFails() {
    Answer created = create(server.client(), "");
    String path = "/api/keys/" + id(created);
    String now = server.client().get(path).text();
    String keys = server.client().get("/api/keys").json().get("total").asString();
    server.execute(
        "ALTER TABLE audit_unchained ADD CONSTRAINT no_more CHECK (position < 0) NOT VALID");
    try {
      assertThat(
              server
                  .client()
                  .post("/api/keys", "{\"name\": \"x\", \"scopes\": [\"invoke\"]}")
                  .status())
          .isEqualTo(500);
      assertThat(server.client().post(path + "/rotate", "{}").status()).isEqualTo(500);
      assertThat(server.client().delete(path).status()).isEqualTo(500);
      assertThat(server.client().post("/api/secrets/rotate", "").status()).isEqualTo(500);
    } finally {
      server.execute("ALTER TABLE audit_unchained DROP CONSTRAINT no_more");
    }
    JsonNode finished = server.client().post("/api/secrets/rotate", "").json();
    assertThat(finished.get("rewrapped").asInt()).isZero();
    assertThat(finished.get("unused_keys")).hasSize(1);
    assertThat(server.client().get(path).text()).isEqualTo(now);
    assertThat(server.client().get("/api/keys").json().get("total").asString()).isEqualTo(keys);
    assertThat(
            server.client().as(created.json().get("key").asString()).get("/api/keys/self").status())
        .isEqualTo(200);
  }

  @Test
  void keyEncryptionKeyRotationIsRecordedWithItsCaller() {
    JsonNode before = server.client().get("/api/secrets").json();
    JsonNode rotated = server.client().post("/api/secrets/rotate", "").json();

    JsonNode event = events("action=secrets.rotated").getFirst();
    assertThat(event.get("kind").asString()).isEqualTo("secrets");
    assertThat(event.get("caller_id"))
        .isEqualTo(server.client().get("/api/keys/self").json().get("id"));
    assertThat(event.at("/before/keys").toString()).contains(before.get("key").asString());
    assertThat(event.get("after")).isEqualTo(rotated);
    assertThat(rotated.get("rewrapped")).isEqualTo(before.get("data_keys"));
  }
}
