package dev.agentlab.routing;

import static dev.agentlab.agents.AgentApi.id;
import static dev.agentlab.agents.AgentApi.uniqueName;
import static dev.agentlab.routing.RouteApi.agentTarget;
import static dev.agentlab.routing.RouteApi.config;
import static dev.agentlab.routing.RouteApi.fields;
import static dev.agentlab.routing.RouteApi.target;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.server.TestServer;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// The registry of agents that have a route in the place of a provider.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AgentsOverRoutesIT {
  @RegisterExtension private final TestServer server = new TestServer();
  private final RouteApi api = new RouteApi(server);
  private String provider = "";

  @BeforeAll
  void register() {
    provider = api.createProvider();
  }

  private static String over(String route) {
    return "{\"route\": \"%s\"}".formatted(route);
  }

  private String ownModel() {
    return "{\"provider\": \"%s\", \"model\": {\"name\": \"m\"}}".formatted(provider);
  }

  private String ownTarget() {
    return target(provider, "m", "");
  }

  /// Creates an agent, and returns its name.
  private String createAgent(String config) {
    String name = uniqueName("agent");
    Answer created = api.agents().create(name, config);
    assertThat(created.status()).as(created.text()).isEqualTo(201);
    return name;
  }

  /// Creates a route, and returns its name.
  private String createRoute(String... targets) {
    return api.createRoute(config(targets)).json().get("name").asString();
  }

  private Answer putAgent(String name, String config) {
    return api.put("/api/agents/" + encode(name), name, config);
  }

  private Answer putRoute(String name, String... targets) {
    return api.put("/api/routes/" + encode(name), name, config(targets));
  }

  private static String encode(String name) {
    return name.replace(" ", "%20");
  }

  private Answer restore(String kind, String name, long revision) {
    return api.client()
        .post("/api/%s/%s/revisions/%d/restore".formatted(kind, encode(name), revision), "");
  }

  private static void assertCircle(Answer rejected, String field, String path) {
    assertThat(rejected.status()).as(rejected.text()).isEqualTo(400);
    assertThat(fields(rejected)).containsExactly(field);
    assertThat(rejected.json().at("/errors/0/message").asString())
        .isEqualTo("closes a circle: %s; no call would reach a model".formatted(path));
  }

  @Test
  void agentShowsItsRouteByIdAndPresentName() {
    Answer route = api.createRoute(config(ownTarget()));
    String name = uniqueName("helper");
    Answer created = api.agents().create(name, over(route.json().get("name").asString()));
    assertThat(created.status()).as(created.text()).isEqualTo(201);
    assertThat(created.json().at("/config/route_id").asString()).isEqualTo(id(route));
    assertThat(created.json().at("/config/route")).isEqualTo(route.json().get("name"));
    assertThat(created.json().at("/config/model").has("name")).isFalse();

    String renamed = uniqueName("renamed");
    assertThat(api.put(route.header("Location"), renamed, config(ownTarget())).status())
        .isEqualTo(200);

    JsonNode shown = api.client().get(created.header("Location")).json();
    assertThat(shown.at("/config/route").asString()).isEqualTo(renamed);
    Answer same = putAgent(name, shown.get("config").toString());
    assertThat(same.status()).as(same.text()).isEqualTo(200);
    assertThat(same.json().get("revision").asInt()).isEqualTo(1);
    assertThat(same.json().at("/config/route").asString()).isEqualTo(renamed);
    JsonNode revisions = api.client().get(created.header("Location") + "/revisions").json();
    assertThat(revisions.at("/data/0/config/route").asString()).isEqualTo(renamed);
  }

  @Test
  void agentMayChangeBetweenProviderAndRoute() {
    String route = createRoute(ownTarget());
    String agent = createAgent(ownModel());

    Answer routed = putAgent(agent, over(route));
    assertThat(routed.json().at("/config").has("provider_id")).as(routed.text()).isFalse();
    Answer restored = restore("agents", agent, 1);
    assertThat(restored.status()).as(restored.text()).isEqualTo(200);
    assertThat(restored.json().at("/config").has("route_id")).isFalse();
    assertThat(restored.json().at("/config/model/name").asString()).isEqualTo("m");
    Answer again = restore("agents", agent, 2);
    assertThat(again.json().at("/config/route").asString()).isEqualTo(route);
    assertThat(again.json().at("/config/model").has("name")).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"route": "none"} | config.route
          {"route_id": "0189e3c1-7a40-7000-8000-000000000001"} | config.route_id
          {"route": "%s", "provider": "%s"} | config.route
          {"route": "%s", "model": {"name": "m"}} | config.model.name
          """)
  void referenceThatIsInvalidIsRejected(String config, String field) {
    String route = createRoute(ownTarget());

    Answer rejected = api.agents().create(uniqueName("agent"), config.formatted(route, provider));

    assertThat(rejected.status()).as(rejected.text()).isEqualTo(400);
    assertThat(fields(rejected)).containsExactly(field);
  }

  @Test
  void agentOverARouteThatCallsItIsRejected() {
    String agent = createAgent(ownModel());
    String route = createRoute(agentTarget(agent));

    Answer rejected = putAgent(agent, over(route));

    assertCircle(rejected, "config.route", "%s → %s → %s".formatted(agent, route, agent));
    assertThat(api.client().get("/api/agents/" + encode(agent)).json().get("revision").asInt())
        .isEqualTo(1);
  }

  @Test
  void routeOverAnAgentThatCallsItIsRejected() {
    String route = createRoute(ownTarget());
    String agent = createAgent(over(route));

    Answer rejected = putRoute(route, ownTarget(), agentTarget(agent));

    assertCircle(
        rejected, "config.targets[1].agent", "%s → %s → %s".formatted(route, agent, route));
    Answer byId =
        putRoute(
            route,
            "{\"agent_id\": \"%s\"}"
                .formatted(
                    api.client().get("/api/agents/" + encode(agent)).json().get("id").asString()));
    assertThat(fields(byId)).containsExactly("config.targets[0].agent_id");
  }

  @Test
  void longCircleIsRejectedWithItsPath() {
    String last = createAgent(ownModel());
    String inner = createRoute(ownTarget(), agentTarget(last));
    String middle = createAgent(over(inner));
    String outer = createRoute(agentTarget(middle));

    assertCircle(
        putAgent(last, over(outer)),
        "config.route",
        String.join(" → ", last, outer, middle, inner, last));
  }

  @Test
  void agentsMayShareRoutesWithoutACircle() {
    String bottom = createRoute(ownTarget());
    String left = createAgent(over(bottom));
    String right = createAgent(over(bottom));
    String top = createRoute(agentTarget(left), agentTarget(right));

    assertThat(putRoute(top, agentTarget(right), agentTarget(left)).status()).isEqualTo(200);
    assertThat(putAgent(left, over(bottom)).status()).isEqualTo(200);
  }

  @Test
  void restoredRevisionOfAnAgentCannotCloseACircle() {
    String route = createRoute(ownTarget());
    String agent = createAgent(over(route));
    putAgent(agent, ownModel());
    assertThat(putRoute(route, agentTarget(agent)).status()).isEqualTo(200);

    assertCircle(
        restore("agents", agent, 1), "config.route", "%s → %s → %s".formatted(agent, route, agent));
  }

  @Test
  void restoredRevisionOfARouteCannotCloseACircle() {
    String agent = createAgent(ownModel());
    String route = createRoute(ownTarget(), agentTarget(agent));
    putRoute(route, ownTarget());
    assertThat(putAgent(agent, over(route)).status()).isEqualTo(200);

    assertCircle(
        restore("routes", route, 1),
        "config.targets[1].agent",
        "%s → %s → %s".formatted(route, agent, route));
  }

  @Test
  void oneOfTwoChangesThatCloseACircleIsRejected() throws Exception {
    for (int round = 0; round < 20; round++) {
      String agent = createAgent(ownModel());
      String route = createRoute(ownTarget());

      List<Answer> answers =
          runConcurrently(
              () -> putAgent(agent, over(route)), () -> putRoute(route, agentTarget(agent)));

      assertThat(answers.stream().map(Answer::status))
          .as("%s %s", answers.getFirst().text(), answers.getLast().text())
          .containsExactlyInAnyOrder(200, 400);
    }
  }

  @Test
  void deleteOfUsedRouteIsRejectedAndListsAgents() {
    String route = createRoute(ownTarget());
    String path = "/api/routes/" + encode(route);
    List<String> agents =
        IntStream.range(0, 3)
            .mapToObj(i -> uniqueName(i + " agent over"))
            .peek(name -> api.agents().create(name, over(route)))
            .toList();

    Answer rejected = api.client().delete(path);

    assertThat(rejected.status()).isEqualTo(409);
    assertThat(rejected.json().get("type").asString()).isEqualTo("/problems/in-use");
    assertThat(names(rejected.json().get("blockers"))).isEqualTo(agents);
    assertThat(rejected.json().at("/blockers/0/kind").asString()).isEqualTo("agent");
    assertThat(rejected.json().get("detail").asString())
        .contains("is used by the agents " + agents.getFirst());
    JsonNode dependents = api.client().get(path + "/dependents?page=2&page_size=2").json();
    assertThat(names(dependents.get("agents"))).containsExactly(agents.getLast());
    assertThat(dependents.get("total").asInt()).isEqualTo(3);

    agents.forEach(agent -> putAgent(agent, ownModel()));
    assertThat(api.client().delete(path).status()).isEqualTo(204);
    assertThat(api.client().get(path + "/dependents").status()).isEqualTo(404);
  }

  private static List<String> names(JsonNode resources) {
    return resources.valueStream().map(it -> it.get("name").asString()).toList();
  }

  @Test
  void revisionWhoseRouteIsGoneCannotBeRestored() {
    Answer route = api.createRoute(config(ownTarget()));
    String agent = createAgent("{\"route_id\": \"%s\"}".formatted(id(route)));
    putAgent(agent, ownModel());
    assertThat(api.client().delete(route.header("Location")).status()).isEqualTo(204);

    Answer rejected = restore("agents", agent, 1);

    assertThat(rejected.status()).as(rejected.text()).isEqualTo(409);
    assertThat(rejected.json().get("type").asString()).isEqualTo("/problems/route-gone");
    assertThat(rejected.text()).contains("revision 1 uses route " + id(route));
    Answer shown = api.client().get("/api/agents/%s/revisions/1".formatted(encode(agent)));
    assertThat(shown.json().at("/config/route_id").asString()).isEqualTo(id(route));
    assertThat(shown.json().at("/config").has("route")).isFalse();
    Answer run =
        api.client()
            .post(
                "/api/agents/%s/chat?revision=1".formatted(encode(agent)), "{\"prompt\": \"Hi\"}");
    assertThat(run.status()).as(run.text()).isEqualTo(409);
    assertThat(run.json().get("type").asString()).isEqualTo("/problems/route-gone");
  }

  @Test
  void oneOfDeleteOfRouteAndCreateOfAgentIsRejected() throws Exception {
    for (int round = 0; round < 20; round++) {
      String route = createRoute(ownTarget());

      List<Answer> answers =
          runConcurrently(
              () -> api.client().delete("/api/routes/" + encode(route)),
              () -> api.agents().create(uniqueName("racer"), over(route)));

      assertThat(answers.stream().map(Answer::status).toList())
          .as("%s %s", answers.getFirst().text(), answers.getLast().text())
          .isIn(List.of(204, 400), List.of(409, 201));
    }
  }

  @Test
  void dependentsOfUnknownRouteAreNotFound() {
    assertThat(api.client().get("/api/routes/%s/dependents".formatted(UUID.randomUUID())).status())
        .isEqualTo(404);
  }

  @Test
  void modelListHasAgentWithoutLimits() {
    String agent = createAgent(over(createRoute(ownTarget())));

    JsonNode listed = api.client().get("/v1/models/" + encode(agent)).json();

    assertThat(listed.at("/kind").asString()).isEqualTo("agent");
    assertThat(listed.has("context_length")).isFalse();
  }

  private static List<Answer> runConcurrently(Callable<Answer> one, Callable<Answer> other)
      throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var futures = List.of(threads.submit(one), threads.submit(other));
      return List.of(futures.getFirst().get(), futures.getLast().get());
    }
  }
}
