package dev.agentlab.agents;

import static dev.agentlab.agents.AgentApi.INLINE_CONFIG;
import static dev.agentlab.agents.AgentApi.azureConfig;
import static dev.agentlab.agents.AgentApi.body;
import static dev.agentlab.agents.AgentApi.config;
import static dev.agentlab.agents.AgentApi.id;
import static dev.agentlab.agents.AgentApi.names;
import static dev.agentlab.agents.AgentApi.registeredConfig;
import static dev.agentlab.agents.AgentApi.uniqueName;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.json.Json;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.server.TestServer;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// The agent registry through its HTTP API, on a real PostgreSQL.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AgentsIT {
  private static final String CONTRACT_CONFIG =
      """
      {"name": "text", "system_prompt": "text",
       "client": {"timeout": "2m", "retry": {"max_retries": 3, "initial_backoff": "1s",
                  "max_backoff": "30s", "backoff_multiplier": 2.0, "jitter": true},
                  "connection_pool_size": 10, "connection_timeout": "30s"},
       "provider": {"name": "ollama", "base_url": "http://localhost:11434", "options": {}},
       "model": {"name": "llama3.2", "capabilities": {"chat": {"temperature": 0.70, "stop": null},
                 "vision": {}, "tools": {}, "embeddings": {}}}}\
      """;

  @RegisterExtension private final TestServer server = new TestServer();
  private final AgentApi api = new AgentApi(server);

  @Test
  void missingNameDoesNotHideConfigErrors() {
    Answer refused =
        server
            .client()
            .post("/api/agents", "{\"nam\": \"x\", \"config\": {\"provider\": \"nope\"}}");

    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.json().get("detail").asString())
        .contains("nam: is unknown; did you mean name?")
        .contains("name: is required")
        .contains("config.provider: there is no provider named 'nope'")
        .contains("config.model.name: is required");
  }

  @Test
  void contractConfigIsAcceptedUnchanged() {
    String name = uniqueName("made");
    Answer created = api.create(name, CONTRACT_CONFIG);

    assertThat(created.status()).as(created.text()).isEqualTo(201);
    assertThat(created.json().get("name").asString()).isEqualTo(name);
    assertThat(created.json().get("config")).isEqualTo(Json.MAPPER.readTree(CONTRACT_CONFIG));
    assertThat(created.json().get("revision").asInt()).isEqualTo(1);
    assertThat(created.json().get("created_at")).isEqualTo(created.json().get("updated_at"));
    assertThat(created.header("Location")).isEqualTo("/api/agents/" + id(created));

    Answer read = api.client().get(created.header("Location"));
    assertThat(read.status()).isEqualTo(200);
    assertThat(read.json()).isEqualTo(created.json());
    assertThat(read.header("ETag")).isEqualTo(created.header("ETag")).isEqualTo("\"1\"");
  }

  @Test
  void registeredProviderNameIsStoredAsId() {
    String name = uniqueName("home");
    String provider = id(api.createProvider(name));

    Answer byName = api.createAgent(config("\"%s\"".formatted(name), ""));
    assertThat(byName.json().at("/config/provider_id").asString()).isEqualTo(provider);
    assertThat(byName.json().get("config").has("provider")).isFalse();
    Answer byId = api.createAgent(registeredConfig(provider));
    assertThat(byId.json().get("config")).isEqualTo(byName.json().get("config"));

    String renamed = uniqueName("renamed");
    api.client()
        .put(
            "/api/providers/" + provider,
            body(renamed, "{\"name\": \"ollama\", \"base_url\": \"http://localhost:1\"}"));
    assertThat(api.client().get(byName.header("Location")).json()).isEqualTo(byName.json());
  }

  @Test
  void unknownProviderIsReportedByField() {
    Answer byId = api.create(uniqueName("n"), registeredConfig(UUID.randomUUID().toString()));
    assertThat(byId.status()).isEqualTo(400);
    assertThat(fields(byId)).containsExactly("config.provider_id");
    for (String name : List.of("nowhere", "", "\\u0000", "\\ud800", "x".repeat(5_000))) {
      Answer byName = api.create(uniqueName("n"), config("\"%s\"".formatted(name), ""));
      assertThat(byName.status()).isEqualTo(400);
      assertThat(fields(byName)).containsExactly("config.provider");
    }
  }

  @Test
  void allInputErrorsAreReportedTogether() {
    Answer rejected = api.create(" ", "{\"client\": 1, \"model\": {}}");
    assertThat(rejected.status()).isEqualTo(400);
    assertThat(fields(rejected))
        .containsExactly("name", "config.client", "config.provider", "config.model.name");
  }

  private static List<String> fields(Answer rejected) {
    return rejected
        .json()
        .get("errors")
        .valueStream()
        .map(error -> error.get("field").asString())
        .toList();
  }

  @Test
  void secretIsNeverReturned() {
    Answer created = api.createAgent(azureConfig("team", ", \"token\": \"azure-token-12345678\""));
    JsonNode token = created.json().at("/config/provider/options/token");
    assertThat(token.propertyNames()).containsExactly("set", "hint", "updated_at");
    assertThat(token.get("hint").asString()).isEqualTo("…5678");
    String path = created.header("Location");
    for (String place :
        List.of(path, "/api/agents?page_size=100", path + "/revisions", path + "/revisions/1")) {
      assertThat(api.client().get(place).text()).doesNotContain("azure-token-1234");
    }
  }

  @Test
  void replaceKeepsOmittedSecret() {
    Answer created = api.createAgent(azureConfig("team", ", \"token\": \"azure-token-12345678\""));
    Answer replaced =
        api.client()
            .put(created.header("Location"), body(uniqueName("n"), azureConfig("team", "")));

    assertThat(replaced.status()).as(replaced.text()).isEqualTo(200);
    assertThat(replaced.header("ETag")).isEqualTo("\"2\"");
    assertThat(replaced.json().at("/config/provider/options/token/hint").asString())
        .isEqualTo("…5678");
    assertThat(replaced.json().at("/config/provider/options/token"))
        .isEqualTo(created.json().at("/config/provider/options/token"));
    assertThat(server.secret("agents", id(created), "/options/token"))
        .isEqualTo("azure-token-12345678");
  }

  @Test
  void keptSecretIsNotSentToOtherDestination() {
    Answer created = api.createAgent(azureConfig("team", ", \"token\": \"azure-token-12345678\""));
    Answer rejected =
        api.client()
            .put(created.header("Location"), body(uniqueName("n"), azureConfig("evil", "")));
    assertThat(rejected.status()).isEqualTo(409);
    assertThat(rejected.json().get("type").asString()).isEqualTo("/problems/secret-required");
    assertThat(rejected.json().get("error").asString()).contains("config.provider.options.token");
    assertThat(api.client().get(created.header("Location")).header("ETag")).isEqualTo("\"1\"");
  }

  @Test
  void takenNameIsConflict() {
    String name = uniqueName("taken");
    api.create(name, INLINE_CONFIG);
    Answer other = api.createAgent(INLINE_CONFIG);
    for (Answer rejected :
        List.of(
            api.create(name, INLINE_CONFIG),
            api.client().put(other.header("Location"), body(name, INLINE_CONFIG)))) {
      assertThat(rejected.status()).isEqualTo(409);
      assertThat(rejected.json().get("type").asString()).isEqualTo("/problems/name-taken");
      assertThat(rejected.json().get("error").asString()).contains(name);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "PUT", "DELETE", "revisions", "revision", "restore"})
  void unknownIdOrNameIsNotFound(String what) {
    String unknown = UUID.randomUUID().toString();
    for (String id : List.of("7", "1-1-1-1-1", unknown)) {
      assertThat(send(what, id).status()).isEqualTo(404);
    }
  }

  private Answer send(String what, String id) {
    String path = "/api/agents/" + id;
    return switch (what) {
      case "GET" -> api.client().get(path);
      case "PUT" -> api.client().put(path, body(uniqueName("put"), INLINE_CONFIG));
      case "DELETE" -> api.client().delete(path);
      case "restore" -> api.client().post(path + "/revisions/1/restore", "");
      case "revision" -> api.client().get(path + "/revisions/1");
      default -> api.client().get(path + "/revisions");
    };
  }

  @Test
  void staleChangeIsRejected() {
    String path = api.createAgent(INLINE_CONFIG).header("Location");
    String change = body(uniqueName("n"), INLINE_CONFIG);
    assertThat(api.client().put(path, change, "If-Match", "\"1\"").status()).isEqualTo(200);
    assertThat(api.client().put(path, change, "If-Match", "\"1\"").status()).isEqualTo(412);
    assertThat(api.client().delete(path, "If-Match", "\"1\"").status()).isEqualTo(412);
    assertThat(api.client().delete(path, "If-Match", "\"2\"").status()).isEqualTo(204);
    assertThat(api.client().get(path).status()).isEqualTo(404);
  }

  /// Such as by the workflow profiles of the Go original.
  @Test
  void agentReferencedByOtherTableIsNotDeleted() {
    String path = api.createAgent(INLINE_CONFIG).header("Location");
    server.execute(
        """
        CREATE TABLE profile_stages (agent_id UUID REFERENCES agents (id));
        INSERT INTO profile_stages SELECT id FROM agents WHERE id = '%s'\
        """
            .formatted(path.substring(path.lastIndexOf('/') + 1)));
    Answer rejected = api.client().delete(path);
    assertThat(rejected.status()).isEqualTo(409);
    assertThat(rejected.json().get("type").asString()).endsWith("in-use");
    assertThat(rejected.text()).contains("profile_stages_agent_id_fkey");
    server.execute("DROP TABLE profile_stages");
    assertThat(api.client().delete(path).status()).isEqualTo(204);
  }

  @Test
  void onlyOneOfConcurrentChangesSucceeds() throws Exception {
    String path = api.createAgent(INLINE_CONFIG).header("Location");
    Callable<Answer> change =
        () -> api.client().put(path, body(uniqueName("racer"), INLINE_CONFIG), "If-Match", "\"1\"");
    List<Answer> answers = AgentApi.runConcurrently(Collections.nCopies(8, change));
    assertThat(answers).extracting(Answer::status).containsOnlyOnce(200).isSubsetOf(200, 412);
    assertThat(api.client().get(path).header("ETag")).isEqualTo("\"2\"");
  }

  @Test
  void repeatedCreateWithIdempotencyKeyCreatesOnce() {
    String name = uniqueName("once");
    String[] key = {"Idempotency-Key", UUID.randomUUID().toString()};
    String config = azureConfig("team", ", \"token\": \"azure-token-12345678\"");
    Answer first = api.create(name, config, key);
    Answer again = api.create(name, config, key);
    assertThat(again.status()).isEqualTo(201);
    assertThat(again.text()).isEqualTo(first.text());
    assertThat(again.header("Location")).isEqualTo(first.header("Location"));
    assertThat(api.create(name + "x", config, key).status()).isEqualTo(422);
  }

  @Test
  void concurrentCreatesWithIdempotencyKeyCreateOnce() throws Exception {
    String name = uniqueName("racing");
    String key = UUID.randomUUID().toString();
    Callable<Answer> create = () -> api.create(name, INLINE_CONFIG, "Idempotency-Key", key);
    List<Answer> answers = AgentApi.runConcurrently(Collections.nCopies(8, create));
    assertThat(answers).extracting(Answer::status).contains(201).isSubsetOf(201, 409);
    assertThat(answers.stream().filter(it -> it.status() == 201).map(AgentApi::id).distinct())
        .hasSize(1);
  }

  @Test
  void searchTextIsLiteralAndCaseInsensitive() {
    String mark = UUID.randomUUID().toString();
    for (String name : List.of("100%", "100x", "a_b", "aXb", "ÄRGER")) {
      api.create(name + mark, INLINE_CONFIG);
    }
    assertThat(search("100%" + mark)).containsExactly("100%" + mark);
    assertThat(search("A_B" + mark)).containsExactly("a_b" + mark);
    assertThat(search("ärger" + mark)).containsExactly("ÄRGER" + mark);
    assertThat(search(mark)).hasSize(5);
  }

  private List<String> search(String search) {
    String json = Json.MAPPER.writeValueAsString(search);
    return names(api.client().post("/api/agents/search", "{\"search\": %s}".formatted(json)));
  }

  @Test
  void pagesAreSortedAndReportTotal() {
    String mark = UUID.randomUUID().toString();
    List<String> names =
        IntStream.range(0, 5).mapToObj(i -> "%c%s".formatted('a' + i, mark)).toList();
    names.forEach(name -> api.create(name, INLINE_CONFIG));

    for (String field :
        List.of("Name", "name", "CreatedAt", "created_at", "UpdatedAt", "updated_at")) {
      String search =
          """
          {"search": "%s", "page": 2, "page_size": 2, "sort_by": "%s", "descending": true}\
          """
              .formatted(mark, field);
      Answer page = api.client().post("/api/agents/search", search);
      assertThat(names(page)).as(field).containsExactly(names.get(2), names.get(1));
      assertThat(page.json().get("total").asInt()).isEqualTo(5);
      assertThat(page.json().get("total_pages").asInt()).isEqualTo(3);
    }
    Answer listed =
        api.client().get("/api/agents?sort=-name,created_at&page=2&page_size=2&search=" + mark);
    assertThat(names(listed)).containsExactly(names.get(2), names.get(1));
  }

  @ParameterizedTest
  @CsvSource({"page=0, 1, 20", "page_size=0, 1, 20", "page=3&page_size=1000, 3, 100"})
  void pageParametersAreClamped(String query, long page, int size) {
    JsonNode answer = api.client().get("/api/agents?" + query).json();
    assertThat(answer.get("page").asLong()).isEqualTo(page);
    assertThat(answer.get("page_size").asInt()).isEqualTo(size);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"sort_by\": \"config\"}",
        "{\"sort_by\": \"revision; DROP TABLE agents\"}",
        "{\"sort\": \"name,-nope\"}",
        "{\"search\": \"\\u0000\"}",
        "{\"serach\": \"x\"}",
      })
  void invalidSearchIsRejected(String json) {
    Answer rejected = api.client().post("/api/agents/search", json);
    assertThat(rejected.status()).as(rejected.text()).isEqualTo(400);
    assertThat(rejected.json().get("error").asString()).isNotBlank();
  }

  @Test
  void totalReflectsEveryChange() {
    long before = total();
    String path = api.createAgent(INLINE_CONFIG).header("Location");
    assertThat(total()).isEqualTo(before + 1);
    api.client().put(path, body(uniqueName("n"), INLINE_CONFIG));
    assertThat(total()).isEqualTo(before + 1);
    api.client().delete(path);
    assertThat(total()).isEqualTo(before);
  }

  private long total() {
    return api.client().get("/api/agents").json().get("total").asLong();
  }
}
