package dev.agentlab.agents;

import static dev.agentlab.agents.AgentApi.INLINE_CONFIG;
import static dev.agentlab.agents.AgentApi.body;
import static dev.agentlab.agents.AgentApi.id;
import static dev.agentlab.agents.AgentApi.registeredConfig;
import static dev.agentlab.agents.AgentApi.uniqueName;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.server.TestServer;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/// A provider cannot be deleted while agents use it.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProviderDependentsIT {
  @RegisterExtension private final TestServer server = new TestServer();
  private final AgentApi api = new AgentApi(server);

  private static List<String> names(JsonNode agents) {
    return agents.valueStream().map(agent -> agent.get("name").asString()).toList();
  }

  @Test
  void deleteOfUsedProviderIsRejectedAndListsAgents() {
    String provider = "/api/providers/" + id(api.createProvider(uniqueName("used")));
    String providerId = provider.substring(provider.lastIndexOf('/') + 1);
    List<String> names = IntStream.range(0, 23).mapToObj("%02d user"::formatted).toList();
    List<String> ids =
        names.stream().map(name -> id(api.create(name, registeredConfig(providerId)))).toList();

    Answer rejected = api.client().delete(provider);
    assertThat(rejected.status()).isEqualTo(409);
    assertThat(rejected.json().get("type").asString()).isEqualTo("/problems/in-use");
    assertThat(names(rejected.json().get("blockers"))).isEqualTo(names.subList(0, 20));
    assertThat(rejected.json().at("/blockers/0/id").asString()).isEqualTo(ids.getFirst());
    assertThat(rejected.json().at("/blockers/0/kind").asString()).isEqualTo("agent");
    assertThat(rejected.json().get("error").asString())
        .contains("00 user", ids.getFirst(), "19 user", "and 3 more")
        .doesNotContain("20 user");

    JsonNode dependents = api.client().get(provider + "/dependents?page_size=22").json();
    assertThat(names(dependents.get("agents"))).isEqualTo(names.subList(0, 22));
    assertThat(dependents.get("total").asInt()).isEqualTo(23);
    assertThat(
            names(
                api.client()
                    .get(provider + "/dependents?page=2&page_size=22")
                    .json()
                    .get("agents")))
        .containsExactly("22 user");

    ids.forEach(id -> api.client().delete("/api/agents/" + id));
    assertThat(api.client().delete(provider).status()).isEqualTo(204);
  }

  @Test
  void onlyLatestRevisionBlocksProviderDeletion() {
    String provider = id(api.createProvider(uniqueName("left")));
    Answer created = api.createAgent(registeredConfig(provider));
    api.client().put(created.header("Location"), body(uniqueName("n"), INLINE_CONFIG));

    JsonNode dependents =
        api.client().get("/api/providers/%s/dependents".formatted(provider)).json();
    assertThat(dependents.get("agents")).isEmpty();
    assertThat(dependents.get("total").asInt()).isZero();
    assertThat(api.client().delete("/api/providers/" + provider).status()).isEqualTo(204);
  }

  @Test
  void staleDeleteIsReportedBeforeUse() {
    String provider = id(api.createProvider(uniqueName("stale")));
    api.createAgent(registeredConfig(provider));
    assertThat(api.client().delete("/api/providers/" + provider, "If-Match", "\"7\"").status())
        .isEqualTo(412);
  }

  @Test
  void dependentsOfUnknownProviderAreNotFound() {
    assertThat(api.client().get("/api/providers/x/dependents").status()).isEqualTo(404);
    assertThat(
            api.client().get("/api/providers/%s/dependents".formatted(UUID.randomUUID())).status())
        .isEqualTo(404);
  }

  @Test
  void oneOfConcurrentDeleteAndCreateIsRejected() throws Exception {
    for (int round = 0; round < 40; round++) {
      String provider = id(api.createProvider(uniqueName("race")));
      List<Answer> answers =
          AgentApi.runConcurrently(
              List.of(
                  () -> api.client().delete("/api/providers/" + provider),
                  () -> api.create(uniqueName("racer"), registeredConfig(provider))));
      Answer deleted = answers.getFirst();
      Answer created = answers.getLast();
      assertThat(List.of(deleted.status(), created.status()))
          .as("%s %s", deleted.text(), created.text())
          .isIn(List.of(204, 400), List.of(409, 201));
      assertThat(api.client().get("/api/providers/" + provider).status())
          .isEqualTo(created.status() == 201 ? 200 : 404);
    }
  }
}
