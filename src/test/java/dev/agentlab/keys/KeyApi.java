package dev.agentlab.keys;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.server.TestClient;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.server.TestServer;
import dev.agentlab.testing.Await;
import java.time.Instant;
import tools.jackson.databind.JsonNode;

/// What tests do with keys over HTTP.
record KeyApi(TestServer server) {

  /// A key that was made.
  record Made(String id, String key, JsonNode json) {}

  TestClient admin() {
    return server.client();
  }

  TestClient as(String key) {
    return server.client().as(key);
  }

  /// Makes a key.
  ///
  /// @param scopes with commas between
  Made make(String scopes) {
    return make(scopes, "");
  }

  /// @param end when it expires; never if empty
  Made make(String scopes, String end) {
    Answer made = post(admin(), scopes, ending(end));
    assertThat(made.status()).as(made.text()).isEqualTo(201);
    return new Made(
        made.json().get("id").asString(), made.json().get("key").asString(), made.json());
  }

  /// The member that says when a key expires.
  ///
  /// @param end never if empty
  static String ending(String end) {
    return end.isEmpty() ? "" : ", \"expires_at\": \"%s\"".formatted(end);
  }

  /// @param more further members, each after a comma
  Answer post(TestClient client, String scopes, String more) {
    return client.post(
        "/api/keys",
        "{\"name\": \"a key\", \"scopes\": [\"%s\"]%s}"
            .formatted(scopes.replace(",", "\", \""), more));
  }

  Made rotate(String id, String body) {
    Answer rotated = admin().post("/api/keys/%s/rotate".formatted(id), body);
    assertThat(rotated.status()).as(rotated.text()).isEqualTo(200);
    return new Made(id, rotated.json().get("key").asString(), rotated.json());
  }

  void revoke(String id) {
    assertThat(admin().delete("/api/keys/" + id).status()).isEqualTo(204);
  }

  /// How a key is received.
  int self(String key) {
    return as(key).get("/api/keys/self").status();
  }

  /// A key that has expired by itself.
  ///
  /// @param scopes with commas between
  Made expired(String scopes) {
    String end = Instant.now().plusSeconds(1).toString();
    Answer made = post(admin(), scopes, ", \"expires_at\": \"%s\"".formatted(end));
    assertThat(made.status()).as(made.text()).isEqualTo(201);
    String key = made.json().get("key").asString();
    Await.value(401, () -> self(key));
    return new Made(made.json().get("id").asString(), key, made.json());
  }

  /// Changes a row as somebody does who can write to the database and has no key of the service.
  ///
  /// @param set such as `expires_at = NULL`
  void tamper(String id, String set) {
    String _ =
        server.stored("UPDATE api_keys SET %s WHERE id = ? RETURNING name".formatted(set), id);
  }

  /// The same key with another secret, made as the service makes them.
  static String forged(String key) {
    ApiKeyToken text = ApiKeyToken.parse(key).orElseThrow();
    return ApiKeyToken.renewed(text.type(), text.id()).reveal();
  }

  /// A well-formed key that was never made.
  static String unknown() {
    return ApiKeyToken.random(KeyType.KEY).reveal();
  }

  static String misspelt(String key) {
    char last = key.charAt(key.length() - 1);
    return key.substring(0, key.length() - 1) + (last == '0' ? '1' : '0');
  }

  /// An agent that says something without calling anybody.
  String agent(String name) {
    Answer made =
        admin()
            .post(
                "/api/agents",
                """
                {"name": "%s", "config": {"name": "x", "model": {"name": "m", "capabilities": {"chat": {}}},
                 "provider": {"name": "simulated", "options": {"reply": "Hi", "time_per_token": "0"}}}}\
                """
                    .formatted(name));
    assertThat(made.status()).as(made.text()).isEqualTo(201);
    return made.json().get("id").asString();
  }
}
