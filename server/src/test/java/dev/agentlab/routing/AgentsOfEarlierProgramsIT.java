package dev.agentlab.routing;

import static dev.agentlab.agents.AgentApi.body;
import static dev.agentlab.agents.AgentApi.id;
import static dev.agentlab.agents.AgentApi.uniqueName;
import static dev.agentlab.routing.RouteApi.agentTarget;
import static dev.agentlab.routing.RouteApi.config;
import static dev.agentlab.routing.RouteApi.target;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.database.Database;
import dev.agentlab.database.DatabaseSettings;
import dev.agentlab.database.SqlStatement;
import dev.agentlab.database.TestPostgres;
import dev.agentlab.server.TestClient;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.server.TestServer;
import dev.agentlab.testing.Await;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/// Rows that a program without agents over routes can write to the same database.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AgentsOfEarlierProgramsIT {
  private final DatabaseSettings database = TestPostgres.migratedDatabase();
  private final TestServer server = new TestServer(database);
  private final RouteApi api = new RouteApi(server);
  private final Database pool = TestPostgres.start(database);
  private String provider = "";

  @BeforeAll
  void start() {
    server.start();
    provider = api.createProvider();
  }

  @AfterAll
  void stop() throws Exception {
    server.stop();
    pool.stop(Duration.ofSeconds(5));
  }

  private String ownModel() {
    return "{\"provider\": \"%s\", \"model\": {\"name\": \"m\"}}".formatted(provider);
  }

  private void update(String sql, UUID agent, UUID target) {
    pool.write(connection ->
        new SqlStatement(connection, sql).bind("agent", agent).bind("target", target).update());
  }

  @Test
  void callInACircleEnds() {
    List<Answer> agents =
        Stream.generate(() -> api.agents().createAgent(ownModel())).limit(4).toList();
    Answer route =
        api.createRoute(
            config(
                agents.stream()
                    .map(it -> agentTarget(it.json().get("name").asString()))
                    .toArray(String[]::new)));
    String name = route.json().get("name").asString();
    for (Answer agent : agents) {
      update(
          "UPDATE agents SET provider_id = NULL, route_id = :target WHERE id = :agent",
          UUID.fromString(id(agent)),
          UUID.fromString(id(route)));
    }

    TestClient client = TestClient.of(server.client().base()).as(server.adminKey());
    String call = "{\"model\": \"%s\", \"messages\": []}".formatted(name);
    Await.until(
        "the change is in force",
        () -> client.post("/v1/chat/completions", call).text().contains("configuration"));
    assertThat(client.post("/v1/chat/completions", call).status()).isEqualTo(503);
  }

  @Test
  void providerThatIsSetPrecedesTheRoute() {
    Answer route = api.createRoute(config(target(provider, "m", "")));
    String name = uniqueName("agent");
    Answer agent = api.agents().create(name, "{\"route_id\": \"%s\"}".formatted(id(route)));
    String path = agent.header("Location");
    update(
        """
        UPDATE agents SET provider_id = :target, config = config || '{"model": {"name": "m"}}'
        WHERE id = :agent
        """,
        UUID.fromString(id(agent)),
        UUID.fromString(
            api.client()
                .get("/api/providers/" + provider.replace(" ", "%20"))
                .json()
                .get("id")
                .asString()));

    JsonNode shown = api.client().get(path).json().get("config");
    assertThat(shown.has("provider_id")).isTrue();
    assertThat(shown.has("route_id")).isFalse();

    assertThat(api.client().put(path, body(name, ownModel())).status()).isEqualTo(200);
    assertThat(api.client().delete(route.header("Location")).status()).isEqualTo(204);
  }
}
