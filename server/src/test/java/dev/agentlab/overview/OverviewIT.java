package dev.agentlab.overview;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentlab.server.TestClient;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.server.TestServer;
import dev.agentlab.testing.Await;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/// The overview after calls of simulated providers.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OverviewIT {
  @RegisterExtension private final TestServer server = new TestServer();

  private TestClient caller = TestClient.of(URI.create("http://127.0.0.1:1"));
  private String callerId = "";
  private String working = "";
  private String failing = "";
  private String refusing = "";

  @BeforeAll
  void callProviders() {
    working = createProvider("working", "\"time_per_token\": \"0\"");
    failing = createProvider("failing", "\"error_rate\": 1");
    refusing = createProvider("refusing", "\"error_rate\": 1, \"error_status\": 400");
    createProvider("slow", "\"latency\": \"1h\"");
    Answer agent =
        server
            .client()
            .post(
                "/api/agents",
                """
                {"name": "helper", "config": {"model": {"name": "m", "capabilities": {"chat": {}}},
                 "provider": "working"}}\
                """);
    assertThat(agent.status()).as(agent.text()).isEqualTo(201);
    Answer route =
        server
            .client()
            .post(
                "/api/routes",
                "{\"name\": \"smart\", \"config\": {\"targets\": [{\"agent\": \"helper\"}]}}");
    assertThat(route.status()).as(route.text()).isEqualTo(201);
    JsonNode key = createKey(server.client(), "/api/keys", "\"invoke\"", "");
    callerId = key.get("id").asString();
    caller = server.client().as(key.get("key").asString());
    assertThat(chat(caller, "working/m", false).status()).isEqualTo(200);
    assertThat(chat(caller, "working/m", true).status()).isEqualTo(200);
    assertThat(chat(caller, "helper", false).status()).isEqualTo(200);
    for (int i = 0; i < 12; i++) {
      assertThat(chat(server.client(), "failing/m", false).status()).isGreaterThan(499);
    }
    assertThat(chat(server.client(), "refusing/m", false).status()).isEqualTo(400);
  }

  private String createProvider(String name, String options) {
    Answer created =
        server
            .client()
            .post(
                "/api/providers",
                "{\"name\": \"%s\", \"config\": {\"name\": \"simulated\", \"options\": {%s}}}"
                    .formatted(name, options));
    assertThat(created.status()).as(created.text()).isEqualTo(201);
    return created.json().get("id").asString();
  }

  private static JsonNode createKey(TestClient client, String path, String scopes, String more) {
    Answer created =
        client.post(path, "{\"name\": \"k\", \"scopes\": [%s]%s}".formatted(scopes, more));
    assertThat(created.status()).as(created.text()).isEqualTo(201);
    return created.json();
  }

  private TestClient withScopes(String scopes) {
    return server
        .client()
        .as(createKey(server.client(), "/api/keys", scopes, "").get("key").asString());
  }

  private static String chatBody(String model, boolean stream) {
    return "{\"model\": \"%s\", \"stream\": %s, \"messages\": [{\"role\": \"user\", \"content\": \"Hi\"}]}"
        .formatted(model, stream);
  }

  private static Answer chat(TestClient client, String model, boolean stream) {
    return client.post("/v1/chat/completions", chatBody(model, stream));
  }

  private static Stream<String> texts(JsonNode list, String member) {
    return list.valueStream().map(it -> it.get(member).asString());
  }

  @Test
  void overviewShowsCallsAndWhatNeedsAttention() {
    JsonNode overview = server.client().get("/api/overview").json();

    assertThat(overview.at("/health/status").asString()).isEqualTo("ready");
    assertThat(overview.at("/calls/minutes")).hasSize(60);
    assertThat(overview.at("/calls/calls").asInt()).isGreaterThanOrEqualTo(15);
    assertThat(overview.at("/calls/failed").asInt()).isGreaterThanOrEqualTo(12);
    assertThat(overview.at("/calls/p95_ms").isIntegralNumber()).isTrue();
    assertThat(overview.at("/providers/total").asInt()).isEqualTo(4);
    assertThat(overview.at("/agents/total").asInt()).isEqualTo(1);
    assertThat(overview.at("/routes/total").asInt()).isEqualTo(1);
    JsonNode attention = overview.get("attention");
    assertThat(texts(attention.get("failing_providers"), "id")).containsExactly(failing);
    assertThat(attention.at("/failing_providers/0/last_failure/reason").asString())
        .isEqualTo("suspended");
    assertThat(texts(attention.get("open_breakers"), "provider_id")).containsExactly(failing);
    assertThat(attention.at("/open_breakers/0/model").asString()).isEqualTo("m");
    assertThat(attention.at("/open_breakers/0/reason").asString())
        .isEqualTo("the provider returned an error with status 500");
  }

  @Test
  void providersHaveTheirCallsAndHealth() {
    JsonNode health = withScopes("\"providers:read\"").get("/api/overview/providers").json();

    assertThat(health.get("data").valueStream())
        .anySatisfy(it -> {
          assertThat(it.get("id").asString()).isEqualTo(working);
          assertThat(it.get("name").asString()).isEqualTo("working");
          assertThat(it.get("calls").asInt()).isEqualTo(3);
          assertThat(it.get("failed").asInt()).isZero();
          assertThat(it.get("open_breaker").asBoolean()).isFalse();
          assertThat(it.get("failing").asBoolean()).isFalse();
          assertThat(it.has("p50_ms")).isTrue();
          assertThat(it.has("last_failure")).isFalse();
        })
        .anySatisfy(it -> {
          assertThat(it.get("id").asString()).isEqualTo(failing);
          assertThat(it.get("failed").asInt()).isEqualTo(12);
          assertThat(it.get("open_breaker").asBoolean()).isTrue();
          assertThat(it.get("failing").asBoolean()).isTrue();
          assertThat(it.has("p50_ms")).isFalse();
        })
        .anySatisfy(it -> {
          assertThat(it.get("id").asString()).isEqualTo(refusing);
          assertThat(it.get("failed").asInt()).isEqualTo(1);
          assertThat(it.get("failing").asBoolean()).isFalse();
          assertThat(it.at("/last_failure/reason").asString()).isEqualTo("refused (status 400)");
        });
  }

  @Test
  void scopesDecideWhichPartsTheOverviewHas() {
    JsonNode none = caller.get("/api/overview").json();
    JsonNode agents = withScopes("\"agents:read\"").get("/api/overview").json();
    JsonNode routes = withScopes("\"routes:read\"").get("/api/overview").json();
    JsonNode providers = withScopes("\"providers:read\"").get("/api/overview").json();

    assertThat(none.propertyNames()).containsExactly("health", "attention");
    assertThat(none.get("attention").propertyNames()).containsExactly("expiring_keys");
    assertThat(agents.propertyNames()).containsExactly("health", "agents", "attention");
    assertThat(routes.propertyNames()).containsExactly("health", "routes", "attention");
    assertThat(providers.propertyNames())
        .containsExactly("health", "calls", "providers", "attention");
    assertThat(providers.get("attention").propertyNames())
        .containsExactly("open_breakers", "failing_providers", "expiring_keys");
  }

  @Test
  void expiringKeysAreThoseThatTheCallerMaySee() {
    String soon = ", \"expires_at\": \"%s\"".formatted(Instant.now().plus(Duration.ofDays(3)));
    String later = ", \"expires_at\": \"%s\"".formatted(Instant.now().plus(Duration.ofDays(30)));
    JsonNode own = createKey(server.client(), "/api/keys", "\"invoke\"", soon);
    JsonNode other = createKey(server.client(), "/api/keys", "\"invoke\"", soon);
    createKey(server.client(), "/api/keys", "\"invoke\"", later);
    TestClient client = server.client().as(own.get("key").asString());
    JsonNode owned = createKey(client, "/api/me/keys", "\"invoke\"", "");

    assertThat(texts(client.get("/api/overview").json().at("/attention/expiring_keys"), "id"))
        .containsExactlyInAnyOrder(own.get("id").asString(), owned.get("id").asString());
    assertThat(
            texts(server.client().get("/api/overview").json().at("/attention/expiring_keys"), "id"))
        .containsExactlyInAnyOrder(
            own.get("id").asString(), owned.get("id").asString(), other.get("id").asString());
    assertThat(caller.get("/api/overview").json().at("/attention/expiring_keys")).isEmpty();
  }

  @Test
  void callerSeesItsCallsAndThoseOfItsKeys() {
    JsonNode owned = createKey(caller, "/api/me/keys", "\"invoke\"", "");
    String ownedId = owned.get("id").asString();
    assertThat(caller.get("/api/me/calls?key=" + ownedId).json().get("data")).isEmpty();
    chat(server.client().as(owned.get("key").asString()), "working/owned", true);

    JsonNode first = caller.get("/api/me/calls?key=" + ownedId).json().at("/data/0");
    JsonNode all = caller.get("/api/me/calls").json().get("data");
    JsonNode own = caller.get("/api/me/calls?key=" + callerId).json().get("data");

    assertThat(first.get("caller_id").asString()).isEqualTo(ownedId);
    assertThat(first.get("provider").asString()).isEqualTo("working");
    assertThat(first.get("model").asString()).isEqualTo("owned");
    assertThat(first.get("status").asString()).isEqualTo("ok");
    assertThat(first.get("streamed").asBoolean()).isTrue();
    assertThat(first.has("first_content_ms")).isTrue();
    assertThat(first.get("input_tokens").asInt()).isPositive();
    assertThat(texts(all, "caller_id").distinct()).contains(ownedId, callerId);
    assertThat(texts(own, "caller_id").distinct()).containsExactly(callerId);
    assertThat(own.valueStream().filter(it -> it.has("agent")))
        .singleElement()
        .satisfies(it -> assertThat(it.get("agent").asString()).isEqualTo("helper"));
    assertThat(server.client().get("/api/me/calls?key=" + callerId).json().get("data"))
        .isNotEmpty();
    assertThat(server.client().get("/api/me/calls").json().at("/data").valueStream())
        .allSatisfy(it -> {
          assertThat(it.get("status").asString()).isEqualTo("failed");
          assertThat(it.get("failure").asString()).isIn("refused", "suspended");
        });
    assertThat(withScopes("\"invoke\"").get("/api/me/calls?key=" + callerId).status())
        .isEqualTo(404);
  }

  @Test
  void cancelledCallIsNotAFailure() throws Exception {
    JsonNode key = createKey(server.client(), "/api/keys", "\"invoke\"", "");
    TestClient client = server.client().as(key.get("key").asString());
    HttpRequest request =
        HttpRequest.newBuilder(server.url().resolve("/v1/chat/completions"))
            .header("Authorization", "Bearer " + key.get("key").asString())
            .header("Content-Type", "application/json")
            .timeout(Duration.ofMillis(500))
            .POST(HttpRequest.BodyPublishers.ofString(chatBody("slow/m", false)))
            .build();
    try (HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      assertThatThrownBy(() -> http.send(request, BodyHandlers.ofString()))
          .isInstanceOf(HttpTimeoutException.class);
    }

    Await.value(
        List.of("cancelled"),
        () -> texts(client.get("/api/me/calls").json().get("data"), "status").toList());
    Optional<JsonNode> health =
        server
            .client()
            .get("/api/overview/providers")
            .json()
            .get("data")
            .valueStream()
            .filter(it -> it.get("name").asString().equals("slow"))
            .findFirst();
    assertThat(health.orElseThrow().get("failed").asInt()).isZero();
  }
}
