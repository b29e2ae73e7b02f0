package dev.agentlab.routing;

import static dev.agentlab.agents.AgentApi.id;
import static dev.agentlab.agents.AgentApi.registeredConfig;
import static dev.agentlab.agents.AgentApi.uniqueName;
import static dev.agentlab.routing.RouteApi.agentTarget;
import static dev.agentlab.routing.RouteApi.config;
import static dev.agentlab.routing.RouteApi.target;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.agents.AgentApi;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.server.TestServer;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/// A provider or an agent cannot be deleted while routes use it.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RouteDependentsIT {
  @RegisterExtension private final TestServer server = new TestServer();
  private final RouteApi api = new RouteApi(server);

  private static List<String> names(JsonNode resources) {
    return resources.valueStream().map(it -> it.get("name").asString()).toList();
  }

  private static List<String> kinds(JsonNode blockers) {
    return blockers.valueStream().map(it -> it.get("kind").asString()).toList();
  }

  private List<String> createRoutes(String prefix, int count, String target) {
    return IntStream.range(0, count)
        .mapToObj((prefix + " %02d")::formatted)
        .map(name -> api.createRoute(name, config(target)).json().get("name").asString())
        .toList();
  }

  @Test
  void deleteOfUsedProviderIsRejectedAndListsAgentsAndRoutes() {
    String name = uniqueName("used");
    String id = id(api.agents().createProvider(name));
    String path = "/api/providers/" + id;
    List<String> agents = IntStream.range(0, 3).mapToObj(i -> uniqueName(i + " agent of")).toList();
    agents.forEach(agent -> api.agents().create(agent, registeredConfig(id)));
    String prefix = uniqueName("route of");
    List<String> routes =
        createRoutes(prefix, 20, target(name, "m", "") + ", " + target(name, "n", ""));

    Answer rejected = api.client().delete(path);
    assertThat(rejected.status()).isEqualTo(409);
    assertThat(rejected.json().get("type").asString()).isEqualTo("/problems/in-use");
    assertThat(names(rejected.json().get("blockers")))
        .startsWith(agents.toArray(String[]::new))
        .endsWith(routes.get(16))
        .hasSize(20);
    assertThat(kinds(rejected.json().get("blockers")).subList(2, 4))
        .containsExactly("agent", "route");
    assertThat(rejected.json().get("detail").asString())
        .contains("the agents " + agents.getFirst(), "the routes " + routes.getFirst())
        .contains("and 3 more");

    JsonNode first = api.client().get(path + "/dependents?page_size=5").json();
    assertThat(names(first.get("agents"))).isEqualTo(agents);
    assertThat(names(first.get("routes"))).isEqualTo(routes.subList(0, 2));
    assertThat(first.get("total").asInt()).isEqualTo(23);
    JsonNode second = api.client().get(path + "/dependents?page=2&page_size=5").json();
    assertThat(names(second.get("agents"))).isEmpty();
    assertThat(names(second.get("routes"))).isEqualTo(routes.subList(2, 7));
    JsonNode beyond = api.client().get(path + "/dependents?page=9&page_size=5").json();
    assertThat(names(beyond.get("routes"))).isEmpty();
    assertThat(beyond.get("total").asInt()).isEqualTo(23);
  }

  @Test
  void deleteOfUsedAgentIsRejectedAndListsRoutes() {
    String name = uniqueName("helper");
    String path = api.agents().create(name, AgentApi.INLINE_CONFIG).header("Location");
    List<String> routes = createRoutes(uniqueName("to helper"), 2, agentTarget(name));

    Answer rejected = api.client().delete(path);
    assertThat(rejected.status()).isEqualTo(409);
    assertThat(rejected.json().get("type").asString()).isEqualTo("/problems/in-use");
    assertThat(names(rejected.json().get("blockers"))).isEqualTo(routes);
    assertThat(kinds(rejected.json().get("blockers"))).containsOnly("route");
    assertThat(rejected.json().get("detail").asString())
        .contains("is used by the routes " + routes.getFirst());
    JsonNode dependents = api.client().get(path + "/dependents?page=2&page_size=1").json();
    assertThat(names(dependents.get("routes"))).isEqualTo(routes.subList(1, 2));
    assertThat(dependents.get("total").asInt()).isEqualTo(2);

    routes.forEach(route -> api.client().delete("/api/routes/" + route.replace(" ", "%20")));
    assertThat(api.client().delete(path).status()).isEqualTo(204);
  }

  @Test
  void onlyLatestRevisionBlocksDeletion() {
    String left = api.createProvider();
    Answer created = api.createRoute(config(target(left, "m", "")));
    api.put(
        created.header("Location"), uniqueName("n"), config(target(api.createProvider(), "m", "")));
    String path = "/api/providers/" + created.json().at("/config/targets/0/provider_id").asString();

    assertThat(api.client().get(path + "/dependents").json().get("total").asInt()).isZero();
    assertThat(api.client().delete(path).status()).isEqualTo(204);
  }

  @Test
  void dependentsOfUnknownAgentAreNotFound() {
    assertThat(api.client().get("/api/agents/%s/dependents".formatted(UUID.randomUUID())).status())
        .isEqualTo(404);
  }

  @Test
  void oneOfConcurrentDeleteAndCreateIsRejected() throws Exception {
    for (int round = 0; round < 20; round++) {
      String name = uniqueName("race");
      String path = "/api/providers/" + id(api.agents().createProvider(name));
      List<Answer> answers =
          runConcurrently(
              List.of(
                  () -> api.client().delete(path),
                  () -> api.create(uniqueName("racer"), config(target(name, "m", "")))));
      Answer deleted = answers.getFirst();
      Answer created = answers.getLast();
      assertThat(List.of(deleted.status(), created.status()))
          .as("%s %s", deleted.text(), created.text())
          .isIn(List.of(204, 400), List.of(409, 201));
    }
  }

  private static List<Answer> runConcurrently(List<Callable<Answer>> calls) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var futures = calls.stream().map(threads::submit).toList();
      return List.of(futures.getFirst().get(), futures.getLast().get());
    }
  }
}
