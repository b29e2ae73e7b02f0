package dev.agentlab.calls;

import static dev.agentlab.agents.AgentApi.body;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.database.DatabaseSettings;
import dev.agentlab.database.TestPostgres;
import dev.agentlab.http.RawHttpConnection;
import dev.agentlab.json.Json;
import dev.agentlab.server.TestClient;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.server.TestServer;
import dev.agentlab.testing.Await;
import dev.agentlab.testing.FakeUpstream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// The records of the calls of every door, over HTTP.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CallsIT {
  private static final String CLAUDE_SESSION = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";

  private final DatabaseSettings database = TestPostgres.migratedDatabase();

  @RegisterExtension private final TestServer server = new TestServer(database);

  private final FakeUpstream upstream =
      FakeUpstream.start((request, out) -> {
        String json = "{\"id\": \"x\", \"results\": []}";
        out.write(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Request-Id: up-%s\r\nContent-Length: %d\r\n\r\n%s"
                .formatted(
                    request.header("X-Client-Request-Id").stream().findFirst().orElse("none"),
                    json.length(),
                    json)
                .getBytes(StandardCharsets.UTF_8));
        out.flush();
      });

  private TestClient client = TestClient.of(URI.create("http://127.0.0.1:1"));

  @BeforeAll
  void register() {
    client = TestClient.of(server.url()).as(server.adminKey());
    created(client.post("/api/providers", body("sim", "{\"name\": \"simulated\"}")));
    created(
        client.post(
            "/api/providers",
            body("broken", "{\"name\": \"simulated\", \"options\": {\"error_rate\": 1}}")));
    created(
        client.post(
            "/api/providers",
            body(
                "oai",
                "{\"name\": \"openai\", \"base_url\": \"%s\", \"options\": {\"api_key\": \"sk-x\"}}"
                    .formatted(upstream.url("/v1")))));
    created(
        client.post(
            "/api/agents",
            body(
                "helper",
                "{\"model\": {\"name\": \"m\", \"capabilities\": {\"chat\": {}, \"embeddings\": {}}}, \"provider\": \"sim\"}")));
  }

  @AfterAll
  void closeUpstream() throws IOException {
    upstream.close();
  }

  private static Answer created(Answer answer) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(201);
    return answer;
  }

  private static String requestId() {
    return UUID.randomUUID().toString();
  }

  /// Waits for the only record of a request.
  private JsonNode recordOf(String requestId) throws Exception {
    Await.until("the call is recorded", () -> !list("request_id=" + requestId).isEmpty());
    JsonNode listed = list("request_id=" + requestId);
    assertThat(listed).hasSize(1);
    return client.get("/api/calls/" + requestId).json();
  }

  private JsonNode list(String query) {
    return list(client, query);
  }

  private JsonNode list(TestClient caller, String query) {
    Answer answer = server.client().as(caller.key().orElseThrow()).get("/api/calls?" + query);
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return answer.json().get("data");
  }

  private TestClient withKey(String scopes, String more) {
    String key =
        created(
                client.post(
                    "/api/keys", "{\"name\": \"k\", \"scopes\": [%s]%s}".formatted(scopes, more)))
            .json()
            .get("key")
            .asString();
    return client.as(key);
  }

  private static String chat(String model, boolean stream, String more) {
    return "{\"model\": \"%s\", \"stream\": %s, \"max_tokens\": 9, \"messages\": [{\"role\": \"user\", \"content\": \"Hi\"}]%s}"
        .formatted(model, stream, more);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          /api/agents/helper/chat         | {"messages": [{"role": "user", "content": "Hi"}]} | openai | chat | false
          /api/agents/helper/chat/stream  | {"messages": [{"role": "user", "content": "Hi"}]} | openai | chat | true
          /api/agents/helper/embed        | {"input": ["a"]}                                  | openai | embeddings | false
          /v1/chat/completions            | {"model": "sim/m", "messages": [{"role": "user", "content": "Hi"}]} | openai | chat | false
          /v1/chat/completions            | {"model": "helper", "stream": true, "messages": [{"role": "user", "content": "Hi"}]} | openai | chat | true
          /v1/embeddings                  | {"model": "sim/m", "input": "a"}                  | openai | embeddings | false
          /v1/responses                   | {"model": "sim/m", "input": "Hi"}                 | openai | responses | false
          /v1/responses                   | {"model": "sim/m", "input": "Hi", "stream": true} | openai | responses | true
          /v1/messages                    | {"model": "sim/m", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]} | anthropic | messages | false
          /v1/messages                    | {"model": "sim/m", "max_tokens": 9, "stream": true, "messages": [{"role": "user", "content": "Hi"}]} | anthropic | messages | true
          /v1beta/models/sim/m:generateContent | {"contents": [{"parts": [{"text": "Hi"}]}]} | google | generate_content | false
          /v1beta/models/sim/m:streamGenerateContent?alt=sse | {"contents": [{"parts": [{"text": "Hi"}]}]} | google | generate_content | true
          /v1/moderations                 | {"model": "oai/m", "input": "a"}                  | openai | moderations | false
          /proxy/oai/rerank               | {"any": 1}                                        | openai | proxy | false
          """)
  void everyDoorLeavesOneRecord(
      String path, String json, String dialect, String operation, boolean streamed)
      throws Exception {
    String id = requestId();
    Instant before = Instant.now();
    Answer answer = client.post(path, json, "X-Request-Id", id);
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);

    JsonNode call = recordOf(id);
    assertThat(call.get("dialect").asString()).isEqualTo(dialect);
    assertThat(call.get("operation").asString()).isEqualTo(operation);
    assertThat(call.get("streamed").asBoolean()).isEqualTo(streamed);
    assertThat(call.get("status").asString()).isEqualTo("ok");
    assertThat(call.get("outcome").asString()).isEqualTo("success");
    assertThat(call.get("attempts")).hasSize(1);
    assertThat(call.at("/attempts/0/outcome").asString()).isEqualTo("success");
    assertThat(Instant.parse(call.get("started_at").asString()))
        .isBetween(before.minusMillis(1), Instant.now());
    assertThat(call.has("first_content_us")).isEqualTo(streamed);
    assertThat(call.at("/caller/kind").asString()).isEqualTo("key");
    assertThat(call.at("/agent/name").asString("none"))
        .isEqualTo(path.contains("helper") || json.contains("helper") ? "helper" : "none");
    assertThat(call.toString()).doesNotContain("Hi\"");
  }

  @Test
  void usageIsRecordedByClass() throws Exception {
    String id = requestId();
    client.post("/v1/chat/completions", chat("sim/m", false, ""), "X-Request-Id", id);
    JsonNode tokens = recordOf(id).get("tokens");
    assertThat(tokens.get("source").asString()).isEqualTo("reported");
    assertThat(tokens.get("input").asLong()).isPositive();
    assertThat(tokens.get("output").asLong()).isPositive();
  }

  @Test
  void failedCallIsRecordedWithItsReason() throws Exception {
    String id = requestId();
    Answer answer =
        client.post("/v1/chat/completions", chat("broken/m", false, ""), "X-Request-Id", id);
    assertThat(answer.status()).isGreaterThanOrEqualTo(500);
    JsonNode call = recordOf(id);
    assertThat(call.get("status").asString()).isEqualTo("failed");
    assertThat(call.get("outcome").asString()).isEqualTo("refused");
    assertThat(call.get("upstream_status").asInt()).isEqualTo(500);
    assertThat(call.get("message").asString()).isNotBlank();
    assertThat(call.at("/tokens/source").asString()).isEqualTo("none");
    assertThat(call.get("attempts").size()).isGreaterThanOrEqualTo(1);
  }

  @Test
  void cancelledCallIsRecorded() throws Exception {
    created(
        client.post(
            "/api/providers",
            body("slow", "{\"name\": \"simulated\", \"options\": {\"latency\": \"1h\"}}")));
    String id = requestId();
    try (RawHttpConnection wire = new RawHttpConnection(server.url().getPort())) {
      String json = chat("slow/m", true, "");
      wire.sendRaw(
          "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: %s\r\nX-Request-Id: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
              .formatted(server.adminKey(), id, json.length(), json));
      Thread.sleep(Duration.ofMillis(500));
    }
    assertThat(recordOf(id).get("status").asString()).isEqualTo("cancelled");
  }

  @Test
  void repeatedRequestIdLosesNoRecord() throws Exception {
    String id = requestId();
    for (int i = 0; i < 3; i++) {
      client.post("/v1/chat/completions", chat("sim/m", false, ""), "X-Request-Id", id);
    }
    Await.until("the calls are recorded", () -> list("request_id=" + id).size() == 3);
    assertThat(ids(list("request_id=" + id))).doesNotHaveDuplicates();
    assertThat(client.get("/api/calls/" + id).json().get("id"))
        .isEqualTo(list("request_id=" + id).get(0).get("id"));
  }

  private static Stream<String> ids(JsonNode calls) {
    return calls.valueStream().map(it -> it.get("id").asString());
  }

  @Test
  void callIsFoundByTheIdOfItsProvider() throws Exception {
    String id = requestId();
    client.post(
        "/v1/moderations",
        "{\"model\": \"oai/m\", \"input\": \"a\"}",
        "X-Request-Id",
        id,
        "X-Client-Request-Id",
        "mine-" + id);
    JsonNode call = recordOf(id);
    assertThat(call.get("provider_request_id").asString()).isEqualTo("up-mine-" + id);
    assertThat(client.get("/api/calls/up-mine-" + id).json()).isEqualTo(call);
    assertThat(client.get("/api/calls/" + call.get("id").asString()).json()).isEqualTo(call);
  }

  @Test
  void filtersAreCombined() throws Exception {
    String team = requestId();
    for (String json : List.of(chat("sim/m", false, ""), chat("sim/n", true, ""))) {
      client.post(
          "/v1/chat/completions",
          json,
          "Agent-Lab-Tags",
          "team=%s,job=a%%2Cb".formatted(team),
          "Agent-Lab-Session",
          "s-" + team);
    }
    client.post("/v1/messages", chat("sim/m", false, ""), "Agent-Lab-Tags", "team=" + team);
    Await.until("the calls are recorded", () -> list("tag=team%3D" + team).size() == 3);

    String tag = "tag=team=" + team;
    assertThat(list(tag + "&tag=job=a,b")).hasSize(2);
    assertThat(list(tag + "&tag=job=b")).isEmpty();
    assertThat(list(tag + "&session=s-" + team)).hasSize(2);
    assertThat(list(tag + "&model=n")).hasSize(1);
    assertThat(list(tag + "&provider=sim&model=m&dialect=openai&operation=chat")).hasSize(1);
    assertThat(list(tag + "&dialect=anthropic&status=ok&outcome=success")).hasSize(1);
    assertThat(list(tag + "&status=failed")).isEmpty();
    assertThat(list(tag + "&from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00Z")).hasSize(3);
    assertThat(list(tag + "&to=2020-01-01T00:00:00Z")).isEmpty();
    assertThat(list(tag + "&agent=" + UUID.randomUUID())).isEmpty();
    assertThat(list(tag + "&route=" + UUID.randomUUID())).isEmpty();
    JsonNode call = list(tag + "&model=n").get(0);
    assertThat(call.at("/tags/job").asString()).isEqualTo("a,b");
    assertThat(call.has("attempts")).as("details in a list").isFalse();
    String key = call.at("/caller/id").asString();
    assertThat(list(tag + "&key=" + key)).hasSize(3);
    assertThat(list(tag + "&key=" + UUID.randomUUID())).isEmpty();
  }

  @Test
  void pagesFollowEachOther() throws Exception {
    String session = requestId();
    for (int i = 0; i < 5; i++) {
      client.post("/v1/chat/completions", chat("sim/m", false, ""), "Agent-Lab-Session", session);
    }
    Await.until("the calls are recorded", () -> list("session=" + session).size() == 5);
    JsonNode first = client.get("/api/calls?limit=3&session=" + session).json();
    JsonNode second =
        client
            .get("/api/calls?limit=3&session=" + session + "&after=" + first.get("next").asString())
            .json();
    assertThat(second.has("next")).isFalse();
    assertThat(Stream.concat(ids(first.get("data")), ids(second.get("data"))).toList())
        .isEqualTo(ids(list("session=" + session)).toList());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "limit=0",
        "limit=1001",
        "after=x",
        "after=AAAA",
        "key=x",
        "status=done",
        "tag=team",
        "tag==a",
        "tag=a=1&tag=a=2",
        "session=",
        "session=%00",
        "from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z",
        "session=a&session=b",
        "unknown=1"
      })
  void invalidFilterIsRejected(String query) {
    assertThat(server.client().get("/api/calls?" + query).status()).isEqualTo(400);
  }

  @Test
  void callersWithoutTheScopeSeeTheirOwnCalls() throws Exception {
    TestClient parent = withKey("\"invoke\"", "");
    String owned =
        created(parent.post("/api/me/keys", "{\"name\": \"mine\", \"scopes\": [\"invoke\"]}"))
            .json()
            .get("key")
            .asString();
    TestClient child = client.as(owned);
    String ofParent = requestId();
    String ofChild = requestId();
    String ofAdmin = requestId();
    parent.post("/v1/chat/completions", chat("sim/m", false, ""), "X-Request-Id", ofParent);
    child.post("/v1/chat/completions", chat("sim/m", false, ""), "X-Request-Id", ofChild);
    client.post("/v1/chat/completions", chat("sim/m", false, ""), "X-Request-Id", ofAdmin);
    JsonNode call = recordOf(ofParent);
    String owner = recordOf(ofChild).at("/caller/owner").asString();
    JsonNode foreign = recordOf(ofAdmin);
    assertThat(owner).isEqualTo("key:" + call.at("/caller/id").asString());

    assertThat(list(parent, "").valueStream().map(it -> it.get("request_id").asString()))
        .containsExactly(ofChild, ofParent);
    assertThat(list(child, "").valueStream().map(it -> it.get("request_id").asString()))
        .containsExactly(ofChild);
    assertThat(list(parent, "owner=" + owner)).hasSize(1);
    assertThat(list(parent, "request_id=" + ofAdmin)).isEmpty();
    assertThat(parent.get("/api/calls/" + ofChild).status()).isEqualTo(200);
    assertThat(child.get("/api/calls/" + ofParent).status()).isEqualTo(404);
    assertThat(parent.get("/api/calls/" + ofAdmin).status()).isEqualTo(404);
    assertThat(parent.get("/api/calls/" + foreign.get("id").asString()).status()).isEqualTo(404);

    TestClient reader = withKey("\"calls:read\"", "");
    assertThat(reader.get("/api/calls/" + ofAdmin).status()).isEqualTo(200);
    assertThat(TestClient.of(server.url()).get("/api/calls").status()).isEqualTo(401);
  }

  @Test
  void malformedTagsHeaderIsRejected() {
    for (String tags : List.of("team", "=a", "a=%zz", "a=1,a=2", "x".repeat(65) + "=1")) {
      Answer answer =
          client.post("/v1/chat/completions", chat("sim/m", false, ""), "Agent-Lab-Tags", tags);
      assertThat(answer.status()).as(tags).isEqualTo(400);
      assertThat(answer.text()).contains("agent-lab-tags");
    }
  }

  @Test
  void endUserIsRecordedOnlyWithTheScope() throws Exception {
    TestClient may = withKey("\"invoke\", \"on_behalf_of\"", "");
    TestClient mayNot = withKey("\"invoke\"", "");
    for (TestClient caller : List.of(may, mayNot)) {
      String inHeader = requestId();
      String inBody = requestId();
      caller.post(
          "/v1/chat/completions",
          chat("sim/m", false, ""),
          "X-Request-Id",
          inHeader,
          "Agent-Lab-End-User",
          "alice");
      caller.post(
          "/v1/chat/completions",
          chat("sim/m", false, ", \"user\": \"bob\""),
          "X-Request-Id",
          inBody);
      assertThat(recordOf(inHeader).path("end_user").asString("none"))
          .isEqualTo(caller.equals(may) ? "alice" : "none");
      assertThat(recordOf(inBody).path("end_user").asString("none"))
          .isEqualTo(caller.equals(may) ? "bob" : "none");
    }
  }

  @Test
  void sessionAndTagsOfBodiesAreRecorded() throws Exception {
    String openai = requestId();
    client.post(
        "/v1/responses",
        "{\"model\": \"sim/m\", \"input\": \"Hi\", \"prompt_cache_key\": \"c1\", \"metadata\": {\"team\": \"a\", \"%s\": \"x\", \"long\": \"%s\"}}"
            .formatted("n".repeat(65), "v".repeat(300)),
        "X-Request-Id",
        openai);
    JsonNode call = recordOf(openai);
    assertThat(call.get("session").asString()).isEqualTo("c1");
    assertThat(call.get("tags"))
        .isEqualTo(
            Json.MAPPER.readTree("{\"team\": \"a\", \"long\": \"%s\"}".formatted("v".repeat(256))));

    for (String user :
        List.of(
            "user_1_account_2_session_" + CLAUDE_SESSION,
            "{\\\"device_id\\\": \\\"d\\\", \\\"session_id\\\": \\\"%s\\\"}"
                .formatted(CLAUDE_SESSION))) {
      String anthropic = requestId();
      client.post(
          "/v1/messages",
          chat("sim/m", false, ", \"metadata\": {\"user_id\": \"%s\"}".formatted(user)),
          "X-Request-Id",
          anthropic);
      assertThat(recordOf(anthropic).get("session").asString()).isEqualTo(CLAUDE_SESSION);
    }

    String header = requestId();
    client.post(
        "/v1/messages",
        chat("sim/m", false, ", \"metadata\": {\"user_id\": \"u_session_other\"}"),
        "X-Request-Id",
        header,
        "x-claude-code-session-id",
        CLAUDE_SESSION);
    assertThat(recordOf(header).get("session").asString()).isEqualTo(CLAUDE_SESSION);
  }

  @Test
  void labelHeadersDoNotReachProviders() throws Exception {
    while (!upstream.isIdle()) {
      upstream.request();
    }
    client.post(
        "/proxy/oai/rerank",
        "{}",
        "Agent-Lab-Session",
        "s",
        "Agent-Lab-Tags",
        "a=b",
        "Agent-Lab-End-User",
        "u",
        "X-Other",
        "o");
    FakeUpstream.Request request = upstream.request();
    assertThat(request.header("X-Other")).contains("o");
    assertThat(request.header("Agent-Lab-Session")).isEmpty();
    assertThat(request.header("Agent-Lab-Tags")).isEmpty();
    assertThat(request.header("Agent-Lab-End-User")).isEmpty();
  }

  @Test
  void probesLeaveNoRecord() throws Exception {
    String provider = client.get("/api/providers").json().at("/data/0/id").asString();
    String id = requestId();
    client.post("/api/providers/%s/probe".formatted(provider), "", "X-Request-Id", id);
    client.get("/v1/models", "X-Request-Id", id);
    String later = requestId();
    client.post("/v1/chat/completions", chat("sim/m", false, ""), "X-Request-Id", later);
    assertThat(recordOf(later)).isNotNull();
    assertThat(list("request_id=" + id)).isEmpty();
  }
}
