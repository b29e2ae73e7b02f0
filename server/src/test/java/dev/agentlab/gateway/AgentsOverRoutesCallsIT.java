package dev.agentlab.gateway;

import static dev.agentlab.agents.AgentApi.body;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.json.Json;
import dev.agentlab.server.TestClient;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.testing.Await;
import dev.agentlab.testing.FakeUpstream;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Calls of agents over routes, by clients of models and as runs.
class AgentsOverRoutesCallsIT extends RoutedCallFixture {
  private static final String STREAM =
      """
      data: {"choices":[{"index":0,"delta":{"content":"Hi"}}]}

      data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

      data: [DONE]

      """;

  private static final String EMBEDDINGS =
      """
      {"object": "list", "model": "m", "data": [{"object": "embedding", "index": 0,
       "embedding": [0.5]}], "usage": {"prompt_tokens": 1, "total_tokens": 1}}
      """;

  private String agent = "";

  @BeforeEach
  void nameAgent() {
    agent = "agent-" + UUID.randomUUID();
  }

  private static String agentTarget(String agent) {
    return "{\"agent\": \"%s\"}".formatted(agent);
  }

  /// Creates an agent over a route.
  private void createAgent(String name, String prompt, String route) {
    gateway.createAgent(
        name,
        """
        "system_prompt": "%s", "route": "%s",
        "model": {"capabilities": {"chat": {"temperature": 0.3}}}
        """
            .formatted(prompt, route));
  }

  private Answer chat(TestClient client, String model, String... headers) {
    return client.post(
        "/v1/chat/completions",
        "{\"model\": \"%s\", \"messages\": [{\"role\": \"user\", \"content\": \"Hello\"}]}"
            .formatted(model),
        headers);
  }

  private Answer run(String path, String json) {
    return gateway.server().client().post("/api/agents/%s/%s".formatted(agent, path), json);
  }

  private static JsonNode sent(FakeUpstream upstream) throws InterruptedException {
    return Json.MAPPER.readTree(upstream.request().body());
  }

  private static List<String> contents(JsonNode request) {
    return request
        .path("messages")
        .valueStream()
        .map(it -> it.path("content").asString(""))
        .toList();
  }

  private void assertNamesRoute(Answer answer, String route, String target) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    assertThat(answer.header("Agent-Lab-Route")).isEqualTo(route);
    assertThat(answer.header("Agent-Lab-Route-Revision")).isEqualTo("1");
    assertThat(answer.header("Agent-Lab-Target")).isEqualTo(target);
    assertThat(answer.header("Agent-Lab-Revision")).isEqualTo("1");
  }

  @Test
  void clientsCallAgentOverARouteByItsName() throws Exception {
    respond(FAILING, WORKING);
    String route = route(target(one, 1), target(two, 2));
    createAgent(agent, "Be brief.", route);

    Answer answer = chat(gateway.client(), agent);

    assertNamesRoute(answer, route, two + "/m");
    assertThat(answer.text()).isEqualTo(COMPLETION);
    assertThat(answer.header("Agent-Lab-Agent")).isEqualTo(agent);
    assertThat(answer.header("Agent-Lab-Attempts")).isEqualTo("2");
    for (FakeUpstream upstream : List.of(first, second)) {
      JsonNode sent = sent(upstream);
      assertThat(contents(sent)).containsExactly("Be brief.", "Hello");
      assertThat(sent.at("/model").asString()).isEqualTo("m");
      assertThat(sent.at("/temperature").asDouble()).isEqualTo(0.3);
    }
  }

  @Test
  void runOfAgentOverARouteFallsBack() throws Exception {
    respond(FAILING, WORKING);
    String route = route(target(one, 1), target(two, 2));
    createAgent(agent, "Be brief.", route);

    Answer answer = run("chat", "{\"prompt\": \"Hello\", \"top_p\": 0.5}");

    assertNamesRoute(answer, route, two + "/m");
    assertThat(answer.json().at("/choices/0/message/content").asString()).isEqualTo("Hi");
    assertThat(answer.header("Agent-Lab-Provider")).isEqualTo(two);
    assertThat(answer.header("Agent-Lab-Attempts")).isEqualTo("2");
    JsonNode sent = sent(second);
    assertThat(contents(sent)).containsExactly("Be brief.", "Hello");
    assertThat(sent.at("/temperature").asDouble()).isEqualTo(0.3);
    assertThat(sent.at("/top_p").asDouble()).isEqualTo(0.5);
  }

  @Test
  void streamedRunNamesRouteAndTarget() {
    respond(FAILING, answer(FakeUpstream.events() + STREAM));
    String route = route(target(one, 1), target(two, 2));
    createAgent(agent, "", route);

    Answer answer = run("chat/stream", "{\"prompt\": \"Hello\"}");

    assertNamesRoute(answer, route, two + "/m");
    assertThat(answer.text()).contains("\"content\":\"Hi\"").endsWith("data: [DONE]\n\n");
  }

  @Test
  void runWithoutTargetIsUnavailable() {
    respond(FAILING, FAILING);
    String route = route(target(one, 1), target(two, 2));
    createAgent(agent, "", route);

    Answer answer = run("chat", "{\"prompt\": \"Hello\"}");

    assertThat(answer.status()).as(answer.text()).isEqualTo(503);
    assertThat(answer.text()).contains("no target of the route '%s'".formatted(route));
  }

  @Test
  void targetWithoutCapabilityIsSkipped() throws Exception {
    respond(answer(FakeUpstream.json(EMBEDDINGS)), WORKING);
    String route = route(target("claude", 1), target(one, 2));
    createAgent(agent, "", route);

    Answer answer = run("embed", "{\"input\": \"Hello\"}");

    assertNamesRoute(answer, route, one + "/m");
    assertThat(answer.header("Agent-Lab-Attempts")).isEqualTo("1");
    assertThat(sent(first).at("/input").asString()).isEqualTo("Hello");
  }

  @Test
  void runThatNoTargetSupportsIsRejected() {
    createAgent(agent, "", route(target("claude", 1)));

    Answer answer = run("embed", "{\"input\": \"Hello\"}");

    assertThat(answer.status()).as(answer.text()).isEqualTo(400);
    assertThat(answer.json().at("/errors/0/field").asString()).isEqualTo("capability");
    assertThat(answer.text()).contains("provider kind anthropic does not support embeddings");
  }

  @Test
  void tokenOfTheCallerIsRejected() {
    respond(WORKING, WORKING);
    createAgent(agent, "", route(target(one, 1)));

    Answer answer = run("chat", "{\"prompt\": \"Hello\", \"token\": \"k-0123456789abcdef\"}");

    assertThat(answer.status()).as(answer.text()).isEqualTo(400);
    assertThat(answer.json().at("/errors/0/field").asString()).isEqualTo("token");
    assertThat(answer.text()).doesNotContain("k-0123456789abcdef");
  }

  @Test
  void routeOverAgentOverRouteIsOnePlan() throws Exception {
    respond(FAILING, WORKING);
    String inner = route(target(one, 1), target(two, 2));
    createAgent(agent, "Be brief.", inner);
    String outer = route(agentTarget(agent), target("claude", 2));

    Answer answer = chat(gateway.client(), outer);

    assertNamesRoute(answer, outer, "%s (%s/m)".formatted(agent, two));
    assertThat(answer.header("Agent-Lab-Agent")).isEqualTo(agent);
    assertThat(answer.header("Agent-Lab-Attempts")).isEqualTo("2");
    assertThat(contents(sent(second))).containsExactly("Be brief.", "Hello");
    JsonNode explained = explain(outer, "openai", "{}", "{\"messages\": []}");
    assertThat(explained.at("/order").valueStream().map(JsonNode::asString))
        .containsExactly(
            "%s (%s/m)".formatted(agent, one), "%s (%s/m)".formatted(agent, two), "claude/m");
  }

  @Test
  void fallbackOfOutermostRouteApplies() {
    respond(FAILING, WORKING);
    createAgent(agent, "", route(target(one, 1), target(two, 2)));
    String outer = "route-" + UUID.randomUUID();
    gateway
        .server()
        .client()
        .post(
            "/api/routes",
            body(
                outer,
                "{\"targets\": [%s], \"fallback_on\": [\"429\"]}".formatted(agentTarget(agent))));

    Answer answer = chat(gateway.client(), outer);

    assertThat(answer.status()).as(answer.text()).isGreaterThanOrEqualTo(500);
    assertThat(answer.header("Agent-Lab-Attempts")).isEqualTo("1");
  }

  @Test
  void unusableTargetOfANestedRouteIsNamed() {
    respond(WORKING, WORKING);
    createAgent(agent, "Be brief.", route(target(one, 1), target(two, 2)));
    String outer = route(agentTarget(agent));
    gateway
        .server()
        .execute(
            """
            UPDATE providers SET config = jsonb_set(config, '{base_url}', '"gopher://10.0.0.1"')
            WHERE name = '%s'\
            """
                .formatted(one));

    JsonNode explained =
        Await.until(
            "the target is skipped",
            () -> explain(outer, "openai", "{}", "{\"messages\": []}"),
            it -> !it.at("/skipped").isEmpty());

    assertThat(explained.at("/target").asString()).isEqualTo("%s (%s/m)".formatted(agent, two));
    assertThat(explained.at("/skipped/0/target").asString())
        .startsWith(agent + " (")
        .endsWith("/m)");
    assertThat(explained.at("/skipped/0/reason").asString()).contains("cannot be called");
  }

  @Test
  void outermostAgentIsTheOneOfTheCall() throws Exception {
    respond(WORKING, WORKING);
    String nested = "nested-" + UUID.randomUUID();
    gateway.createAgent(
        nested,
        """
        "system_prompt": "Be polite.", "provider": "%s",
        "model": {"name": "own", "capabilities": {"chat": {"temperature": 0.9, "seed": 7}}}
        """
            .formatted(one));
    String route = route(agentTarget(nested));
    createAgent(agent, "Be brief.", route);

    Answer answer = chat(gateway.client(), agent);

    assertNamesRoute(answer, route, nested);
    assertThat(answer.header("Agent-Lab-Agent")).isEqualTo(agent);
    JsonNode sent = sent(first);
    assertThat(contents(sent)).containsExactly("Be polite.", "Be brief.", "Hello");
    assertThat(sent.at("/temperature").asDouble()).isEqualTo(0.3);
    assertThat(sent.at("/seed").asInt()).isEqualTo(7);
    assertThat(sent.at("/model").asString()).isEqualTo("own");
  }

  @Test
  void rightToAnAgentCoversItsRouteOnlyThroughIt() {
    respond(WORKING, WORKING);
    String route = route(target(one, 1));
    createAgent(agent, "", route);
    TestClient client = gateway.clientWithScopes("invoke:agent/" + agent);

    assertThat(chat(client, agent).status()).isEqualTo(200);
    assertThat(client.post("/api/agents/%s/chat".formatted(agent), "{\"prompt\": \"Hi\"}").status())
        .isEqualTo(200);
    assertThat(chat(client, route).status()).isEqualTo(404);
    assertThat(chat(client, one + "/m").status()).isEqualTo(404);
  }

  @Test
  void sessionKeepsTheTargetOfAnAgent() {
    respond(WORKING, WORKING);
    createAgent(agent, "", route(target(one, 1), target(two, 1)));
    Set<String> all = new HashSet<>();
    for (int session = 0; session < 16; session++) {
      Set<String> targets = new HashSet<>();
      for (int i = 0; i < 3; i++) {
        targets.add(
            chat(gateway.client(), agent, "Agent-Lab-Session", "s" + session)
                .header("Agent-Lab-Target"));
      }
      assertThat(targets).hasSize(1);
      all.addAll(targets);
    }
    assertThat(all).as("sessions are distributed").hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void changedRouteIsInForceForItsAgents(boolean isRun) {
    respond(WORKING, WORKING);
    String route = route(target(one, 1));
    createAgent(agent, "", route);
    for (int i = 0; i < 2; i++) {
      assertThat(call(isRun).header("Agent-Lab-Target")).isEqualTo(one + "/m");
    }

    Answer changed =
        gateway
            .server()
            .client()
            .put(
                "/api/routes/" + route,
                body(route, "{\"targets\": [%s]}".formatted(target(two, 1))));
    assertThat(changed.status()).as(changed.text()).isEqualTo(200);

    assertThat(call(isRun).header("Agent-Lab-Target")).isEqualTo(two + "/m");
  }

  private Answer call(boolean isRun) {
    return isRun ? run("chat", "{\"prompt\": \"Hello\"}") : chat(gateway.client(), agent);
  }

  @Test
  void routesAreNestedAtMostEightDeep() {
    respond(WORKING, WORKING);
    String route = route(target(one, 1));
    for (int depth = 2; depth <= 9; depth++) {
      assertThat(chat(gateway.client(), route).status()).as("depth %d", depth - 1).isEqualTo(200);
      String over = "agent-" + UUID.randomUUID();
      createAgent(over, "", route);
      route = route(agentTarget(over));
    }

    Answer answer = chat(gateway.client(), route);

    assertThat(answer.status()).as(answer.text()).isEqualTo(503);
    assertThat(answer.text()).contains("can be called with its configuration");
  }

  @Test
  void clientCannotNameOtherModelsThanTheRoute() {
    respond(WORKING, WORKING);
    createAgent(agent, "", route(target(one, 1)));

    Answer answer =
        gateway
            .client()
            .post(
                "/v1/chat/completions",
                "{\"model\": \"%s\", \"messages\": [], \"models\": [\"other\"]}".formatted(agent));

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.text()).contains("must be absent: the route decides");
  }

  @Test
  void forwardedOperationNeedsAModel() {
    respond(WORKING, WORKING);
    createAgent(agent, "", route(target(one, 1)));

    Answer answer =
        gateway
            .client()
            .post("/v1/moderations", "{\"model\": \"%s\", \"input\": \"Hi\"}".formatted(agent));

    assertThat(answer.status()).as(answer.text()).isEqualTo(400);
    assertThat(answer.text()).contains("not an agent");
  }
}
