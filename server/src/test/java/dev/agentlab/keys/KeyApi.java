package dev.agentlab.keys;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.server.TestClient;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.server.TestServer;
import dev.agentlab.testing.Await;
import java.time.Instant;
import tools.jackson.databind.JsonNode;

/// Manages API keys over HTTP for tests.
record KeyApi(TestServer server) {

  /// A created or rotated key.
  record CreatedKey(String id, String key, JsonNode json) {
    /// Requires that the key was created.
    static CreatedKey of(Answer created) {
      assertThat(created.status()).as(created.text()).isEqualTo(201);
      JsonNode json = created.json();
      return new CreatedKey(json.get("id").asString(), json.get("key").asString(), json);
    }
  }

  TestClient admin() {
    return server.client();
  }

  TestClient as(String key) {
    return server.client().as(key);
  }

  /// Creates a key without expiry.
  ///
  /// @param scopes comma-separated scopes
  CreatedKey create(String scopes) {
    return create(scopes, "");
  }

  /// Creates a key.
  ///
  /// @param end the expiry; empty for none
  CreatedKey create(String scopes, String end) {
    return CreatedKey.of(post(admin(), scopes, expiresAtMember(end)));
  }

  /// The JSON member for the expiry of a key.
  ///
  /// @param end the expiry; empty for none
  static String expiresAtMember(String end) {
    return end.isEmpty() ? "" : ", \"expires_at\": \"%s\"".formatted(end);
  }

  /// @param more more JSON members, each preceded by a comma
  Answer post(TestClient client, String scopes, String more) {
    return client.post(
        "/api/keys",
        "{\"name\": \"a key\", \"scopes\": [\"%s\"]%s}"
            .formatted(scopes.replace(",", "\", \""), more));
  }

  CreatedKey rotate(String id, String body) {
    Answer rotated = admin().post("/api/keys/%s/rotate".formatted(id), body);
    assertThat(rotated.status()).as(rotated.text()).isEqualTo(200);
    return new CreatedKey(id, rotated.json().get("key").asString(), rotated.json());
  }

  /// The pages of all keys, as text.
  String listAll() {
    StringBuilder pages = new StringBuilder();
    Answer page;
    int number = 0;
    do {
      number++;
      page = admin().get("/api/keys?page_size=100&page=" + number);
      pages.append(page.text());
    } while (number < page.json().get("total_pages").asInt());
    return pages.toString();
  }

  void revoke(String id) {
    assertThat(admin().delete("/api/keys/" + id).status()).isEqualTo(204);
  }

  /// The status of a request with the key.
  int selfStatus(String key) {
    return as(key).get("/api/keys/self").status();
  }

  /// Creates a key and waits until it has expired.
  ///
  /// @param scopes comma-separated scopes
  CreatedKey createExpired(String scopes) {
    String end = Instant.now().plusSeconds(1).toString();
    CreatedKey created = create(scopes, end);
    Await.value(401, () -> selfStatus(created.key()));
    return created;
  }

  /// Modifies a row, as an attacker with write access to the database but without the keys of the
  /// service can.
  ///
  /// @param set an SQL assignment such as `expires_at = NULL`
  void tamper(String id, String set) {
    String _ =
        server.stored("UPDATE api_keys SET %s WHERE id = ? RETURNING name".formatted(set), id);
  }

  /// A well-formed key with the same id and another secret.
  static String withOtherSecret(String key) {
    ApiKeyToken token = ApiKeyToken.parse(key).orElseThrow();
    return ApiKeyToken.withNewSecret(token.type(), token.id()).reveal();
  }

  /// A well-formed key that was never created.
  static String unknownKey() {
    return ApiKeyToken.random(KeyType.KEY).reveal();
  }

  static String withWrongChecksum(String key) {
    char last = key.charAt(key.length() - 1);
    return key.substring(0, key.length() - 1) + (last == '0' ? '1' : '0');
  }

  /// Creates an agent with a simulated provider.
  String createAgent(String name) {
    Answer created =
        admin()
            .post(
                "/api/agents",
                """
                {"name": "%s", "config": {"name": "x", "model": {"name": "m", "capabilities": {"chat": {}}},
                 "provider": {"name": "simulated", "options": {"reply": "Hi", "time_per_token": "0"}}}}\
                """
                    .formatted(name));
    assertThat(created.status()).as(created.text()).isEqualTo(201);
    return created.json().get("id").asString();
  }
}
