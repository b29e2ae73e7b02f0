package dev.agentlab.gateway;

import static dev.agentlab.agents.AgentApi.body;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.agentlab.json.Json;
import dev.agentlab.server.TestClient;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.testing.Await;
import dev.agentlab.testing.FakeUpstream;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Calls of routes by clients of several vendors: which target receives them, and what returns.
class RoutedGatewayIT extends RoutedCallFixture {
  private static final String CHUNK =
      "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}]}\n\n";
  private static final String END =
      "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

  private static final String CHAT =
      "{\"model\": \"%s\", \"messages\": [{\"role\": \"user\", \"content\": \"Hi\"}]%s}";

  private String inOrder(String config) {
    return routeWith(config, target(one, 1), target(two, 2));
  }

  private static String weighted(String provider, int weight) {
    return "{\"provider\": \"%s\", \"model\": \"m\", \"weight\": %d}".formatted(provider, weight);
  }

  private Answer chat(String model, String members, String... headers) {
    return gateway.client().post("/v1/chat/completions", CHAT.formatted(model, members), headers);
  }

  @Test
  void responseNamesRouteAndTarget() throws Exception {
    respond(WORKING, WORKING);
    String route = inOrder("");

    Answer answer = chat(route, "");

    assertThat(answer.text()).isEqualTo(COMPLETION);
    assertThat(answer.header("Agent-Lab-Route")).isEqualTo(route);
    assertThat(answer.header("Agent-Lab-Route-Revision")).isEqualTo("1");
    assertThat(answer.header("Agent-Lab-Target")).isEqualTo(one + "/m");
    assertThat(answer.header("Agent-Lab-Attempts")).isEqualTo("1");
    assertThat(first.request().body()).contains("\"model\":\"m\"");
  }

  @Test
  void callMovesToTheNextTarget() throws Exception {
    respond(FAILING, WORKING);
    String route = inOrder("");

    Answer answer = chat(route, "");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.header("Agent-Lab-Target")).isEqualTo(two + "/m");
    assertThat(answer.header("Agent-Lab-Attempts")).isEqualTo("2");
  }

  @Test
  void streamMovesBeforeContentAndEndsInAnErrorAfterIt() {
    respond(
        answer(FakeUpstream.events() + ": hello\n\n"), answer(FakeUpstream.events() + CHUNK + END));
    assertThat(chat(inOrder(""), ", \"stream\": true").text()).isEqualTo(CHUNK + END);

    one = "one-" + UUID.randomUUID();
    two = "two-" + UUID.randomUUID();
    respond(answer(FakeUpstream.events() + CHUNK), answer(FakeUpstream.events() + CHUNK + END));
    Answer broken = chat(inOrder(""), ", \"stream\": true");
    assertThat(broken.text()).startsWith(CHUNK + "event: error\n").doesNotContain("[DONE]");
    assertThat(broken.header("Agent-Lab-Target")).isEqualTo(one + "/m");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "/v1/chat/completions; {'model': '%s', 'messages': [{'role': 'user', 'content': 'Hi'}]};"
            + " /error/type; server_error",
        "/v1/responses; {'model': '%s', 'input': 'Hi', 'store': false}; /error/type; server_error",
        "/v1/messages; {'model': '%s', 'max_tokens': 9, 'messages': [{'role': 'user', 'content':"
            + " 'Hi'}]}; /error/type; overloaded_error",
        "/v1beta/models/%s:generateContent; {'contents': [{'parts': [{'text': 'Hi'}]}]};"
            + " /error/status; UNAVAILABLE",
      })
  void routeWithoutTargetIsUnavailable(String path, String json, String pointer, String type) {
    respond(FAILING, FAILING);
    String route = inOrder("");

    Answer answer =
        gateway.client().post(path.formatted(route), json.formatted(route).replace('\'', '"'));

    assertThat(answer.status()).as(answer.text()).isEqualTo(503);
    assertThat(answer.json().at(pointer).asString()).as(answer.text()).isEqualTo(type);
    assertThat(answer.text()).contains("no target of the route '%s'".formatted(route));
    assertThat(answer.header("Agent-Lab-Route")).isEqualTo(route);
    assertThat(answer.header("Agent-Lab-Attempts")).isEqualTo("2");
  }

  @Test
  void rateLimitedRouteNamesTheEarliestReset() {
    respond(limited(40), limited(20));
    String route = inOrder("");

    Answer answer = chat(route, "");
    Answer next = chat(route, "");

    assertThat(answer.status()).isEqualTo(429);
    assertThat(answer.header("retry-after")).isEqualTo("20");
    assertThat(answer.text()).contains("Please try again in 20.0s.");
    assertThat(next.header("Agent-Lab-Attempts")).isEqualTo("0");
    JsonNode explained = explain(route, "openai", "{}", CHAT.formatted(route, ""));
    assertThat(explained.at("/target").isNull()).isTrue();
    assertThat(explained.at("/skipped").size()).isEqualTo(2);
    assertThat(explained.at("/skipped/0/reason").asString()).contains("429");
  }

  private static FakeUpstream.Script limited(int seconds) {
    return answer(
        "HTTP/1.1 429 No\r\nretry-after: %d\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            .formatted(seconds));
  }

  @Test
  void weightsAreSharesOfCallsWithoutSession() {
    respond(WORKING, WORKING);
    String route = route(weighted(one, 3), weighted(two, 1));
    Map<String, Integer> counts = new HashMap<>();
    for (int i = 0; i < 400; i++) {
      String target =
          explain(route, "openai", "{}", CHAT.formatted(route, "")).at("/target").asString();
      counts.merge(target, 1, Integer::sum);
    }

    // Six standard deviations.
    assertThat(counts.get(one + "/m")).isCloseTo(300, within(52));
    assertThat(counts.get(two + "/m")).isCloseTo(100, within(52));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "openai; {'Agent-Lab-Session': '%s'}; {'model': 'x', 'messages': []}",
        "anthropic; {'X-Claude-Code-Session-Id': '%s'}; {'model': 'x', 'max_tokens': 1, 'messages':"
            + " [{'role': 'user', 'content': 'Hi'}]}",
        "responses; {}; {'model': 'x', 'input': 'Hi', 'prompt_cache_key': '%s'}",
        "anthropic; {}; {'model': 'x', 'max_tokens': 1, 'messages': [{'role': 'user', 'content':"
            + " 'Hi'}], 'metadata': {'user_id': 'user_1_account_2_session_%s'}}",
      })
  void sessionKeepsItsTarget(String dialect, String headers, String json) {
    respond(WORKING, WORKING);
    String route = route(weighted(one, 1), weighted(two, 1));
    Set<String> all = new HashSet<>();
    for (int session = 0; session < 24; session++) {
      Set<String> targets = new HashSet<>();
      for (int i = 0; i < 4; i++) {
        targets.add(
            explain(
                    route,
                    dialect,
                    headers.formatted(session).replace('\'', '"'),
                    json.formatted(session).replace('\'', '"'))
                .at("/target")
                .asString());
      }
      assertThat(targets).hasSize(1);
      all.addAll(targets);
    }
    assertThat(all).as("sessions are distributed").hasSize(2);
  }

  @Test
  void routeWithoutAffinityDrawsEachCall() {
    respond(WORKING, WORKING);
    String route = routeWith(", \"affinity\": \"none\"", weighted(one, 1), weighted(two, 1));
    Set<String> targets = new HashSet<>();
    for (int i = 0; i < 40; i++) {
      targets.add(chat(route, "", "Agent-Lab-Session", "same").header("Agent-Lab-Target"));
    }

    assertThat(targets).hasSize(2);
  }

  @Test
  void sessionMovesOnlyWhileItsTargetIsAway() throws Exception {
    respond(limited(30), WORKING);
    String route = route(weighted(one, 1), weighted(two, 1));
    String session = "s0";
    for (int i = 1; !targetOf(route, session).equals(one + "/m"); i++) {
      session = "s" + i;
    }

    Answer moved = chat(route, "", "Agent-Lab-Session", session);

    assertThat(moved.header("Agent-Lab-Target")).isEqualTo(two + "/m");
    JsonNode explained =
        explain(
            route,
            "openai",
            "{\"Agent-Lab-Session\": \"%s\"}".formatted(session),
            CHAT.formatted(route, ""));
    assertThat(explained.at("/order/0").asString()).isEqualTo(one + "/m");
    assertThat(explained.at("/target").asString()).isEqualTo(two + "/m");
  }

  private String targetOf(String route, String session) {
    return explain(
            route,
            "openai",
            "{\"Agent-Lab-Session\": \"%s\"}".formatted(session),
            CHAT.formatted(route, ""))
        .at("/target")
        .asString();
  }

  @Test
  void routeOfALaterReleaseIsUnavailable() {
    respond(WORKING, WORKING);
    String route = inOrder("");
    gateway
        .server()
        .execute(
            """
            UPDATE model_routes
            SET config = '{"targets": [{"pool": "later"}]}' WHERE name = '%s'\
            """
                .formatted(route));

    Answer answer = chat(route, "");

    assertThat(answer.status()).as(answer.text()).isEqualTo(503);
    assertThat(answer.text()).contains("cannot be used with its configuration");
  }

  @Test
  void rightToARouteCoversItsTargetsOnlyThroughIt() {
    respond(WORKING, WORKING);
    String route = inOrder("");
    TestClient client = gateway.clientWithScopes("invoke:route/" + route);

    assertThat(post(client, route).status()).isEqualTo(200);
    assertThat(post(client, one + "/m").status()).isEqualTo(404);
    assertThat(client.get("/v1/models").json().at("/data"))
        .extracting(it -> it.at("/id").asString() + " " + it.at("/kind").asString())
        .containsExactly(route + " route");
    TestClient other = gateway.clientWithScopes("invoke:provider/" + one);
    assertThat(post(other, route).status()).isEqualTo(404);
    assertThat(post(other, route).json().at("/error/code").asString()).isEqualTo("model_not_found");
  }

  private static Answer post(TestClient client, String model) {
    return client.post("/v1/chat/completions", CHAT.formatted(model, ""));
  }

  @Test
  void routePrecedesAnAgentOfItsName() throws Exception {
    respond(WORKING, WORKING);
    String route = inOrder("");
    gateway.createAgent(
        route, "\"provider\": \"%s\", \"model\": {\"name\": \"other\"}".formatted(two));

    assertThat(chat(route, "").header("Agent-Lab-Target")).isEqualTo(one + "/m");
  }

  @Test
  void agentAsTargetAddsItsPromptAndOptions() throws Exception {
    respond(FAILING, WORKING);
    String agent = "agent-" + UUID.randomUUID();
    gateway.createAgent(
        agent,
        """
        "system_prompt": "Be brief.", "provider": "%s",
        "model": {"name": "big", "capabilities": {"chat": {"temperature": 0.3}}}
        """
            .formatted(two));
    String route =
        routeWith(
            ", \"parameters\": {\"defaults\": {\"temperature\": 0.9, \"top_p\": 0.5}}",
            target(one, 1),
            "{\"agent\": \"%s\", \"priority\": 2}".formatted(agent));

    Answer answer = chat(route, "");

    assertThat(answer.header("Agent-Lab-Agent")).isEqualTo(agent);
    assertThat(answer.header("Agent-Lab-Target")).isEqualTo(agent);
    JsonNode sent = Json.MAPPER.readTree(second.request().body());
    assertThat(sent.at("/messages/0/content").asString()).isEqualTo("Be brief.");
    assertThat(sent.at("/temperature").asDouble()).as("the agent comes first").isEqualTo(0.3);
    assertThat(sent.at("/top_p").asDouble()).isEqualTo(0.5);
    assertThat(Json.MAPPER.readTree(first.request().body()).at("/temperature").asDouble())
        .isEqualTo(0.9);
  }

  @ParameterizedTest
  @CsvSource({
    "'', max_completion_tokens, 100",
    "', \"max_tokens\": 500', max_tokens, 100",
    "', \"max_completion_tokens\": 50', max_completion_tokens, 50",
  })
  void routeLimitsTheOutput(String members, String member, long expected) throws Exception {
    respond(WORKING, WORKING);
    String route = inOrder(", \"parameters\": {\"limits\": {\"max_output_tokens\": 100}}");

    assertThat(chat(route, members).status()).isEqualTo(200);

    ObjectNode sent = Json.MAPPER.readTree(first.request().body()).asObject();
    assertThat(sent.path(member).asLong()).isEqualTo(expected);
    assertThat(sent.propertyNames().stream().filter(it -> it.startsWith("max_"))).hasSize(1);
  }

  @Test
  void limitAppliesInOtherDialects() throws Exception {
    gateway.respondWith(
        FakeUpstream.response("400 No", "application/json", "{\"type\":\"error\"}"));
    String route =
        routeWith(
            ", \"parameters\": {\"limits\": {\"max_output_tokens\": 100}}", target("claude", 1));

    gateway
        .client()
        .post(
            "/v1/messages",
            "{\"model\": \"%s\", \"max_tokens\": 4096, \"messages\": []}".formatted(route));
    assertThat(sentToClaude().at("/max_tokens").asLong()).isEqualTo(100);
    gateway
        .client()
        .post(
            "/v1beta/models/%s:generateContent".formatted(route),
            "{\"contents\": [{\"parts\": [{\"text\": \"Hi\"}]}], \"generationConfig\": {\"temperature\": 1}}");
    assertThat(sentToClaude().at("/max_tokens").asLong()).isEqualTo(100);
    gateway
        .client()
        .post("/v1/responses", "{\"model\": \"%s\", \"input\": \"Hi\"}".formatted(route));
    assertThat(sentToClaude().at("/max_tokens").asLong()).isEqualTo(100);
  }

  private JsonNode sentToClaude() throws InterruptedException {
    return Json.MAPPER.readTree(gateway.upstream().request().body());
  }

  @Test
  void requestThatNoTargetSupportsIsRefused() {
    String route = route(target("claude", 1));

    Answer answer = chat(route, ", \"n\": 3");

    assertThat(answer.status()).as(answer.text()).isEqualTo(400);
    assertThat(answer.json().at("/error/param").asString()).isEqualTo("n");
  }

  @Test
  void requestGoesToATargetThatSupportsIt() {
    respond(WORKING, WORKING);
    String route = route(target("claude", 1), target(one, 2));

    Answer answer = chat(route, ", \"n\": 3");

    assertThat(answer.header("Agent-Lab-Target")).isEqualTo(one + "/m");
    JsonNode explained = explain(route, "openai", "{}", CHAT.formatted(route, ", \"n\": 3"));
    assertThat(explained.at("/target").asString()).isEqualTo(one + "/m");
    assertThat(explained.at("/skipped/0/target").asString()).isEqualTo("claude/m");
    assertThat(explained.at("/skipped/0/reason").asString())
        .startsWith("does not support the request: n");
  }

  @Test
  void keptResponseIsContinuedByItsProvider() throws Exception {
    String response =
        """
        {"id": "resp_%s", "object": "response", "status": "completed", "model": "m", "output": [],
         "usage": {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2}}
        """;
    String id = UUID.randomUUID().toString();
    respond(
        answer(FakeUpstream.json(response.formatted("one" + id))),
        answer(FakeUpstream.json(response.formatted("two" + id))));
    String route = route(weighted(one, 1), weighted(two, 1));
    for (int i = 0; i < 8; i++) {
      Answer created =
          gateway
              .client()
              .post("/v1/responses", "{\"model\": \"%s\", \"input\": \"Hi\"}".formatted(route));
      String target = created.header("Agent-Lab-Target");
      Answer next =
          gateway
              .client()
              .post(
                  "/v1/responses",
                  "{\"model\": \"%s\", \"input\": \"More\", \"previous_response_id\": \"%s\"}"
                      .formatted(route, created.json().at("/id").asString()));
      assertThat(next.status()).as(next.text()).isEqualTo(200);
      assertThat(next.header("Agent-Lab-Target")).isEqualTo(target);
    }
  }

  @Test
  void encryptedReasoningStaysWithProvidersThatMayReadIt() {
    respond(FAILING, FAILING);
    String route = route(target(one, 1), target("claude", 2));
    String input =
        """
        [{"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAAA"},
         {"type": "message", "role": "user", "content": "Hi"}]\
        """;
    String json = "{\"model\": \"%s\", \"store\": false, \"input\": %s}".formatted(route, input);

    Answer answer = gateway.client().post("/v1/responses", json);

    assertThat(answer.status()).as(answer.text()).isEqualTo(503);
    assertThat(answer.header("Agent-Lab-Attempts")).isEqualTo("1");
    assertThat(explain(route, "responses", "{}", json).at("/skipped/0/reason").asString())
        .contains("has reasoning that only the provider that encrypted it can read");
  }

  @Test
  void forwardedOperationMovesToTheNextTarget() throws Exception {
    respond(FAILING, answer(FakeUpstream.json("{\"id\": \"modr-1\"}")));
    String route = route(target("claude", 1), target(one, 2), target(two, 3));

    Answer answer =
        gateway
            .client()
            .post("/v1/moderations", "{\"model\": \"%s\", \"input\": \"Hi\"}".formatted(route));

    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    assertThat(answer.header("Agent-Lab-Target")).isEqualTo(two + "/m");
    assertThat(second.request().body()).contains("\"model\":\"m\"");
  }

  @Test
  void clientCannotNameOtherFallbacks() {
    respond(WORKING, WORKING);
    String route = inOrder("");

    Answer answer = chat(route, ", \"models\": [\"other\"]");

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.text()).contains("must be absent: the route decides");
  }

  @Test
  void changeIsInForceAtOnce() {
    respond(WORKING, WORKING);
    String route = inOrder("");
    assertThat(chat(route, "").header("Agent-Lab-Target")).isEqualTo(one + "/m");

    Answer changed =
        gateway
            .server()
            .client()
            .put(
                "/api/routes/" + route,
                body(route, "{\"targets\": [%s]}".formatted(target(two, 1))));
    assertThat(changed.status()).as(changed.text()).isEqualTo(200);

    Answer answer = chat(route, "");
    assertThat(answer.header("Agent-Lab-Target")).isEqualTo(two + "/m");
    assertThat(answer.header("Agent-Lab-Route-Revision")).isEqualTo("2");
  }

  @Test
  void statisticsShowTargetsSideBySide() {
    respond(FAILING, WORKING);
    String route = inOrder("");
    for (int i = 0; i < 3; i++) {
      assertThat(chat(route, "").status()).isEqualTo(200);
    }
    TestClient client = gateway.server().client();

    Await.until(
        "the calls are counted",
        () ->
            client.get("/api/routes/%s/stats".formatted(route)).json().at("/hour/all/calls").asInt()
                == 3);
    JsonNode hour = client.get("/api/routes/%s/stats".formatted(route)).json().at("/hour");
    assertThat(hour.at("/all/moved").asInt()).isEqualTo(3);
    assertThat(hour.at("/all/failed").asInt()).isZero();
    assertThat(hour.at("/targets").size()).isEqualTo(2);
    assertThat(client.get("/api/routes/none/stats").status()).isEqualTo(404);
  }

  @Test
  void recordShowsTheDecision() {
    respond(FAILING, WORKING);
    String route = inOrder("");
    String id = chat(route, "").header("Agent-Lab-Request-Id");
    TestClient client = gateway.server().client();

    Await.until("the call is found", () -> client.get("/api/calls/" + id).status() == 200);
    JsonNode call = client.get("/api/calls/" + id).json();
    assertThat(call.at("/decision/order/0").asString()).isEqualTo(one + "/m");
    assertThat(call.at("/attempts/0/target").asString()).isEqualTo(one + "/m");
    assertThat(call.at("/attempts/1/outcome").asString()).isEqualTo("success");
    assertThat(call.at("/target").asString()).isEqualTo(two + "/m");
  }

  @Test
  void explanationRefusesWhatIsNotARequest() {
    respond(WORKING, WORKING);
    String route = inOrder("");
    TestClient client = gateway.server().client();

    assertThat(
            client
                .post(
                    "/api/routes/%s/explain".formatted(route),
                    "{\"dialect\": \"ftp\", \"body\": {}}")
                .json()
                .at("/errors/0/field")
                .asString())
        .isEqualTo("dialect");
    assertThat(
            client
                .post("/api/routes/none/explain", "{\"dialect\": \"openai\", \"body\": {}}")
                .status())
        .isEqualTo(404);
  }
}
