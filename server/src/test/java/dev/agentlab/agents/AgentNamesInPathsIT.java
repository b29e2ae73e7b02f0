package dev.agentlab.agents;

import static dev.agentlab.agents.AgentApi.INLINE_CONFIG;
import static dev.agentlab.agents.AgentApi.body;
import static dev.agentlab.agents.AgentApi.config;
import static dev.agentlab.agents.AgentApi.id;
import static dev.agentlab.agents.AgentApi.names;
import static dev.agentlab.agents.AgentApi.registeredConfig;
import static dev.agentlab.agents.AgentApi.uniqueName;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.server.TestServer;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Agents and providers addressed by name in paths, on a real PostgreSQL.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AgentNamesInPathsIT {
  private static final String SIMULATED =
      "{\"name\": \"simulated\", \"options\": {\"reply\": \"Hi\", \"time_per_token\": \"0\"}}";

  @RegisterExtension private final TestServer server = new TestServer();
  private final AgentApi api = new AgentApi(server);

  private static String encodeSegment(String name) {
    return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private static String agentPath(String name) {
    return "/api/agents/" + encodeSegment(name);
  }

  private static String providerPath(String name) {
    return "/api/providers/" + encodeSegment(name);
  }

  private String createKey(String scope) {
    Answer created =
        api.client()
            .post("/api/keys", "{\"name\": \"a key\", \"scopes\": [\"%s\"]}".formatted(scope));
    assertThat(created.status()).as(created.text()).isEqualTo(201);
    return created.json().get("key").asString();
  }

  private int chat(String key, String path) {
    return api.client().as(key).post(path + "/chat", "{\"prompt\": \"Hi\"}").status();
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "two words", "a/b", "café 日本 😀", "100%25 ?#&+;=", "..;", "ID"})
  void everyAgentRouteAcceptsName(String prefix) {
    String name = uniqueName(prefix);
    String path = agentPath(name);
    Answer created = api.create(name, config(SIMULATED, ""));

    assertThat(api.client().get(path).json()).isEqualTo(created.json());
    assertThat(api.client().put(path, body(name, config(SIMULATED, ", \"name\": \"x\""))).status())
        .isEqualTo(200);
    assertThat(api.client().get(path + "/revisions").json().get("total").asInt()).isEqualTo(2);
    assertThat(api.client().get(path + "/revisions/1").status()).isEqualTo(200);
    assertThat(api.client().post(path + "/revisions/1/restore", "").header("ETag"))
        .isEqualTo("\"3\"");
    assertThat(api.client().post(path + "/chat", "{\"prompt\": \"Hi\"}").status()).isEqualTo(200);
    assertThat(api.client().post(path + "/chat/stream", "{\"prompt\": \"Hi\"}").text())
        .endsWith("data: [DONE]\n\n");
    assertThat(api.client().delete(path, "If-Match", "\"3\"").status()).isEqualTo(204);
    assertThat(api.client().get(path).status()).isEqualTo(404);
  }

  @Test
  void everyProviderRouteAcceptsName() {
    String name = uniqueName("café/ %");
    String path = providerPath(name);
    Answer created = api.client().post("/api/providers", body(name, SIMULATED));
    api.createAgent(registeredConfig(id(created)));

    assertThat(api.client().get(path).json()).isEqualTo(created.json());
    assertThat(api.client().get(path + "/dependents").json().get("total").asInt()).isEqualTo(1);
    assertThat(api.client().get(path + "/models").status()).isEqualTo(200);
    assertThat(api.client().post(path + "/probe", "").json().get("ok").asBoolean()).isTrue();
    assertThat(api.client().put(path, body(name, SIMULATED)).header("ETag")).isEqualTo("\"2\"");
    assertThat(api.client().delete(path).status()).isEqualTo(409);
  }

  @Test
  void unknownNameIsNotFound() {
    for (String path : List.of(agentPath("nobody"), providerPath("nobody"), agentPath("\0"))) {
      Answer answer = api.client().get(path);
      assertThat(answer.status()).as(answer.text()).isEqualTo(404);
      assertThat(answer.json().get("type").asString()).isEqualTo("/problems/not-found");
    }
    assertThat(api.client().get(agentPath("nobody")).json().get("error").asString())
        .contains("'nobody'");
    assertThat(api.client().get("/api/agents/1-1-1-1-1").status()).isEqualTo(404);
    assertThat(chat(createKey("invoke"), agentPath("nobody"))).isEqualTo(404);
  }

  @Test
  void agentKeyReachesOnlyItsAgentByIdAndName() {
    String name = uniqueName("helper");
    String other = uniqueName("other");
    String created = id(api.create(name, config(SIMULATED, "")));
    api.create(other, config(SIMULATED, ""));

    for (String key : List.of(createKey("invoke:" + created), createKey("invoke:" + name))) {
      assertThat(chat(key, agentPath(name))).isEqualTo(200);
      assertThat(chat(key, agentPath(created))).isEqualTo(200);
      assertThat(chat(key, agentPath(created.toUpperCase(Locale.ROOT)))).isEqualTo(200);
      assertThat(chat(key, agentPath(other))).isEqualTo(403);
      assertThat(chat(key, agentPath(uniqueName("nobody")))).isEqualTo(403);
      assertThat(api.client().as(key).get(agentPath(name)).status()).isEqualTo(403);
    }
  }

  @Test
  void agentKeyFollowsAgentNotNameAfterRename() {
    String name = uniqueName("first");
    String renamed = uniqueName("second");
    String created = id(api.create(name, config(SIMULATED, "")));
    String key = createKey("invoke:" + name);

    api.client().put(agentPath(created), body(renamed, config(SIMULATED, "")));
    assertThat(chat(key, agentPath(renamed))).isEqualTo(200);
    assertThat(chat(key, agentPath(name))).isEqualTo(403);

    api.create(name, config(SIMULATED, ""));
    assertThat(chat(key, agentPath(name))).isEqualTo(403);
    assertThat(chat(key, agentPath(renamed))).isEqualTo(200);
  }

  @Test
  void nameEqualToAnotherAgentsIdIsNotResolved() {
    String victim = id(api.create(uniqueName("victim"), config(SIMULATED, "")));
    String name = uniqueName("thief");
    String thief = id(api.create(name, config(SIMULATED, "")));
    server.execute("UPDATE agents SET name = '%s' WHERE id = '%s'".formatted(victim, thief));
    String key = createKey("invoke:" + victim);

    assertThat(id(api.client().get(agentPath(victim)))).isEqualTo(victim);
    assertThat(chat(key, agentPath(victim))).isEqualTo(200);
    api.client().delete(agentPath(victim));
    assertThat(api.client().get(agentPath(victim)).status()).isEqualTo(404);
    assertThat(chat(key, agentPath(victim))).isEqualTo(404);
    assertThat(chat(key, agentPath(thief))).isEqualTo(403);
    assertThat(
            api.client()
                .post(
                    "/api/keys", "{\"name\": \"n\", \"scopes\": [\"invoke:%s\"]}".formatted(victim))
                .status())
        .isEqualTo(400);
    assertThat(api.client().delete(agentPath(thief)).status()).isEqualTo(204);
  }

  @ParameterizedTest
  @ValueSource(strings = {"search", "probe", "self", ".", "..", "UUID"})
  void nameUnusableInPathIsRejected(String reserved) {
    String name = reserved.equals("UUID") ? UUID.randomUUID().toString() : reserved;
    String mine = uniqueName("mine");
    Answer created = api.create(mine, INLINE_CONFIG);

    for (Answer rejected :
        List.of(
            api.create(name, INLINE_CONFIG),
            api.client().post("/api/providers", body(name, SIMULATED)),
            api.client().put(agentPath(mine), body(name, INLINE_CONFIG)))) {
      assertThat(rejected.status()).as(rejected.text()).isEqualTo(400);
      assertThat(rejected.json().at("/errors/0/field").asString()).isEqualTo("name");
    }
    server.execute("UPDATE agents SET name = '%s' WHERE id = '%s'".formatted(name, id(created)));
    Answer kept = api.client().put(agentPath(id(created)), body(name, config(SIMULATED, "")));
    assertThat(kept.status()).as(kept.text()).isEqualTo(200);
    assertThat(names(api.client().get("/api/agents?page_size=100"))).contains(name);
    api.client().delete(agentPath(id(created)));
  }

  @Test
  void openApiDocumentsNamesInPaths() {
    JsonNode paths = api.client().get("/openapi.json").json().path("paths");

    for (String path : List.of("/api/agents/{id}/chat", "/api/providers/{id}/probe")) {
      JsonNode parameter = paths.path(path).at("/post/parameters/0");
      assertThat(parameter.path("description").asString()).contains("id or name");
      assertThat(parameter.path("schema").has("format")).isFalse();
    }
  }
}
