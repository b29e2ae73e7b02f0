package dev.agentlab.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.agents.AgentApi;
import dev.agentlab.agents.run.VisionForm;
import dev.agentlab.json.Json;
import dev.agentlab.server.TestClient.Answer;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Requests of clients that were written for the Go original.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GoClientIT {
  private static final String AZURE =
      """
      {"name": "azure", "base_url": "https://team.openai.azure.com/openai",
       "model": {"name": "gpt-4o", "capabilities": {"chat": {"max_tokens": 4096}}},
       "options": {
        "deployment": "gpt-4o", "auth_type": "api_key", "token": "azure-token-12345678",
        "api_version": "2024-10-21",
        "headers": {"X-Api-Key": "header-secret-abcd"}, "keys": ["first-secret-1111", "second-secret-2222"]}}\
      """;

  @RegisterExtension private final TestServer server = new TestServer();

  private TestClient client() {
    return server.client();
  }

  private static String unique(String prefix) {
    return prefix + " " + UUID.randomUUID();
  }

  private Answer provider(String config) {
    Answer created = client().post("/api/providers", AgentApi.body(unique("provider"), config));
    assertThat(created.status()).as(created.text()).isEqualTo(201);
    return created;
  }

  private Answer agent(String config) {
    Answer created = client().post("/api/agents", AgentApi.body(unique("agent"), config));
    assertThat(created.status()).as(created.text()).isEqualTo(201);
    return created;
  }

  private static ObjectNode object(Answer answer) {
    return (ObjectNode) answer.json();
  }

  private static List<String> fields(Answer refused) {
    assertThat(refused.status()).as(refused.text()).isEqualTo(400);
    return refused
        .json()
        .get("errors")
        .valueStream()
        .map(error -> error.get("field").asString())
        .toList();
  }

  @Test
  void modelOfAProviderIsStoredAndReturned() {
    Answer created = provider(AZURE);
    JsonNode model = Json.MAPPER.readTree(AZURE).get("model");

    assertThat(created.json().at("/config/model")).isEqualTo(model);
    assertThat(client().get(created.header("Location")).json().at("/config/model"))
        .isEqualTo(model);
    Answer without =
        client()
            .put(
                created.header("Location"),
                AgentApi.body(unique("n"), AZURE.replaceFirst("(?m)^ \"model\".*$", "")));
    assertThat(without.status()).as(without.text()).isEqualTo(200);
    assertThat(without.json().get("config").has("model")).isFalse();
    assertThat(
            provider(AZURE.replaceFirst("\"model\": .*", "\"model\": null,"))
                .json()
                .get("config")
                .has("model"))
        .isFalse();
    assertThat(
            fields(
                client()
                    .post(
                        "/api/providers",
                        AgentApi.body(
                            unique("n"),
                            AZURE.replaceFirst("\"model\": .*", "\"model\": \"m\",")))))
        .containsExactly("config.model");
  }

  @Test
  void secretInTheModelOfAProviderIsEncryptedAndMasked() {
    String config = AZURE.replace("\"max_tokens\": 4096", "\"api_key\": \"model-secret-1234\"");
    Answer created = provider(config);
    String field = "/model/capabilities/chat/api_key";

    assertThat(created.text()).doesNotContain("model-secret");
    assertThat(created.json().at("/config" + field + "/set").asBoolean()).isTrue();
    assertThat(server.secret("providers", created.json().get("id").asString(), field))
        .isEqualTo("model-secret-1234");
  }

  @Test
  void readProviderCanBeSentBack() {
    Answer created =
        provider(
            AZURE.replace("\"max_tokens\"", "\"api_key\": \"model-secret-1234\", \"max_tokens\""));
    String path = created.header("Location");
    String id = created.json().get("id").asString();

    Answer written = client().put(path, client().get(path).text());

    assertThat(written.status()).as(written.text()).isEqualTo(200);
    assertThat(written.json().get("config")).isEqualTo(created.json().get("config"));
    assertThat(server.secret("providers", id, "/options/token")).isEqualTo("azure-token-12345678");
    assertThat(server.secret("providers", id, "/options/headers/X-Api-Key"))
        .isEqualTo("header-secret-abcd");
    assertThat(server.secret("providers", id, "/options/keys/1")).isEqualTo("second-secret-2222");
    assertThat(server.secret("providers", id, "/model/capabilities/chat/api_key"))
        .isEqualTo("model-secret-1234");
  }

  @Test
  void readAgentCanBeSentBack() {
    Answer created =
        agent("{\"provider\": %s, \"model\": {\"name\": \"gpt-4o\"}}".formatted(AZURE));
    String path = created.header("Location");
    String id = created.json().get("id").asString();

    Answer written = client().put(path, client().get(path).text(), "If-Match", "\"1\"");

    assertThat(written.status()).as(written.text()).isEqualTo(200);
    assertThat(written.header("ETag")).isEqualTo("\"1\"");
    ObjectNode changed = object(written);
    ((ObjectNode) changed.get("config")).put("system_prompt", "Be brief.");
    assertThat(client().put(path, changed.toString()).header("ETag")).isEqualTo("\"2\"");
    assertThat(server.secret("agents", id, "/options/token")).isEqualTo("azure-token-12345678");
  }

  @Test
  void maskedSecretIsNotSentToAnotherDestination() {
    Answer created = provider(AZURE);
    String moved = created.text().replace("team.openai", "evil.openai");

    Answer refused = client().put(created.header("Location"), moved);

    assertThat(refused.status()).as(refused.text()).isEqualTo(409);
    assertThat(refused.json().get("error").asString()).contains("config.options.token");
  }

  @Test
  void maskedSecretWithoutAStoredOneIsRejected() {
    Answer created = provider(AZURE);
    ObjectNode copy = object(created).put("name", unique("copy"));
    Answer copied = client().post("/api/providers", copy.toString());
    assertThat(fields(copied)).contains("config.options.token");
    assertThat(copied.json().get("error").asString()).contains("no such secret is stored here");

    Answer other = provider("{\"name\": \"ollama\", \"base_url\": \"http://localhost:1\"}");
    ObjectNode changed = object(other);
    ObjectNode options = (ObjectNode) changed.at("/config/options");
    options.put("auth_type", "bearer").set("token", created.json().at("/config/options/token"));
    assertThat(fields(client().put(other.header("Location"), changed.toString())))
        .containsExactly("config.options.token");
  }

  @Test
  void maskedSecretsInAChangedArrayAreRejected() {
    Answer created = provider(AZURE);
    ObjectNode changed = object(created);
    ((ArrayNode) changed.at("/config/options/keys")).remove(0);

    Answer refused = client().put(created.header("Location"), changed.toString());

    assertThat(fields(refused)).containsExactly("config.options.keys");
  }

  @Test
  void maskedReferenceIsKeptOnlyInItsPlace() {
    String config =
        "{\"name\": \"ollama\", \"base_url\": \"http://localhost:1\", \"options\":"
            + " {\"auth_type\": \"bearer\", \"token\": \"text-secret-12345\"}}";
    Answer created = provider(config);
    String id = created.json().get("id").asString();
    server.execute(
        """
        UPDATE providers SET config = jsonb_set(config, '{options,token}', '{"env": "SOME_KEY"}')
          WHERE id = '%s'\
        """
            .formatted(id));
    Answer read = client().get("/api/providers/" + id);
    assertThat(read.json().at("/config/options/token/env").asString()).isEqualTo("SOME_KEY");

    Answer written = client().put("/api/providers/" + id, read.text());
    assertThat(written.status()).as(written.text()).isEqualTo(200);
    assertThat(written.json().get("config")).isEqualTo(read.json().get("config"));
    String other = read.text().replace("SOME_KEY", "OTHER_KEY");
    assertThat(fields(client().put("/api/providers/" + id, other)))
        .containsExactly("config.options.token");
  }

  @Test
  void nameFilterMatchesSubstrings() {
    String mark = UUID.randomUUID().toString();
    for (String kind : List.of("/api/providers", "/api/agents")) {
      String ollama = "{\"name\": \"ollama\", \"base_url\": \"http://localhost:1\"}";
      String config =
          kind.endsWith("agents")
              ? "{\"provider\": %s, \"model\": {\"name\": \"m\"}}".formatted(ollama)
              : ollama;
      client().post(kind, AgentApi.body("Alpha_" + mark, config));
      client().post(kind, AgentApi.body("beta " + mark, config));

      assertThat(AgentApi.names(client().get(kind + "?name=ALPHA_" + mark.substring(0, 8))))
          .containsExactly("Alpha_" + mark);
      assertThat(AgentApi.names(client().get(kind + "?name=" + mark))).hasSize(2);
      assertThat(AgentApi.names(client().get(kind + "?name=Alph%25" + mark))).isEmpty();
      assertThat(AgentApi.names(client().get(kind + "?name=&search=" + mark))).hasSize(2);
      assertThat(AgentApi.names(client().get(kind + "?name=beta&search=" + mark))).hasSize(1);
      assertThat(
              AgentApi.names(
                  client()
                      .post(
                          kind + "/search?name=alpha",
                          "{\"page\": 1, \"page_size\": 10, \"search\": \"%s\"}".formatted(mark))))
          .containsExactly("Alpha_" + mark);
      assertThat(
              AgentApi.names(
                  client()
                      .post(
                          kind + "/search",
                          "{\"name\": \"BETA\", \"search\": \"%s\"}".formatted(mark))))
          .containsExactly("beta " + mark);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[{\"Field\": \"Name\", \"Descending\": true}]",
        "[{\"field\": \"name\", \"descending\": true}]",
        "[{\"Field\": \"CreatedAt\"}, {\"Field\": \"Name\", \"Descending\": true}]",
        "[{\"Field\": \"UpdatedAt\", \"Descending\": false}, {\"Field\": \"ID\"}]",
        "[]",
        "\"\"",
        "null",
        "\"name,\"",
        "\"CreatedAt,-createdAt,ID\"",
      })
  void sortParametersOfTheOriginalAreAccepted(String sort) {
    String mark = UUID.randomUUID().toString();
    String config = "{\"name\": \"ollama\", \"base_url\": \"http://localhost:1\"}";
    client().post("/api/providers", AgentApi.body("a " + mark, config));
    client().post("/api/providers", AgentApi.body("b " + mark, config));

    Answer page =
        client()
            .post(
                "/api/providers/search",
                "{\"page\": 0, \"page_size\": 0, \"search\": \"%s\", \"sort\": %s}"
                    .formatted(mark, sort));

    assertThat(page.status()).as(page.text()).isEqualTo(200);
    boolean turned = sort.startsWith("[{\"Field\": \"Name\"") || sort.startsWith("[{\"field\"");
    assertThat(AgentApi.names(page).getFirst()).startsWith(turned ? "b" : "a");
    assertThat(client().get("/api/providers?sort=&search=").status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[{\"Field\": \"Config\"}]",
        "[{\"Descending\": true}]",
        "[{\"Field\": 7}]",
        "[{\"Field\": \"Name\", \"Descending\": \"yes\"}]",
        "[{\"Field\": \"Name\", \"Desc\": true}]",
        "[\"name\"]",
        "{\"Field\": \"Name\"}",
        "7",
      })
  void invalidSortParameterIsReported(String sort) {
    Answer refused = client().post("/api/providers/search", "{\"sort\": %s}".formatted(sort));

    assertThat(fields(refused)).allMatch(field -> field.startsWith("sort"));
  }

  @Test
  void zerosInTheClientSelectTheDefaults() {
    Answer created =
        agent(
            """
            {"provider": {"name": "simulated"}, "model": {"name": "m"},
             "client": {"timeout": 0, "connection_pool_size": 0, "connection_timeout": "",
              "retry": {"max_retries": 0, "initial_backoff": "0s", "max_backoff": "",
                        "backoff_multiplier": 0, "jitter": false}}}\
            """);

    assertThat(created.json().at("/config/client"))
        .isEqualTo(
            Json.MAPPER.readTree(
                """
                {"timeout": "2m", "connection_pool_size": 10, "connection_timeout": "30s",
                 "retry": {"max_retries": 3, "initial_backoff": "1s", "max_backoff": "30s",
                           "backoff_multiplier": 2.0, "jitter": false}}
                """));
    assertThat(created.json().has("warnings")).isFalse();
  }

  @Test
  void settingAboveALimitIsClampedWithAWarning() {
    String config =
        """
        {"provider": {"name": "simulated"}, "model": {"name": "m"},
         "client": {"timeout": "2h", "retry": {"max_retries": 20}}}\
        """;
    String key = UUID.randomUUID().toString();
    String body = AgentApi.body(unique("agent"), config);
    Answer created = client().post("/api/agents", body, "Idempotency-Key", key);

    assertThat(created.status()).as(created.text()).isEqualTo(201);
    assertThat(created.json().at("/config/client/timeout").asString()).isEqualTo("1h");
    assertThat(created.json().at("/config/client/retry/max_retries").asInt()).isEqualTo(10);
    assertThat(created.json().get("warnings").valueStream().map(JsonNode::asString).toList())
        .containsExactly(
            "config.client.timeout is 2h, above the limit; 1h is used",
            "config.client.retry.max_retries is 20, above the limit; 10 is used");
    assertThat(client().post("/api/agents", body, "Idempotency-Key", key).text())
        .isEqualTo(created.text());
    assertThat(client().get(created.header("Location")).json().has("warnings")).isFalse();
    String same =
        AgentApi.body(
            created.json().get("name").asString(), created.json().get("config").toString());
    Answer written = client().put(created.header("Location"), same);
    assertThat(written.header("ETag")).isEqualTo("\"1\"");
    assertThat(written.json().has("warnings")).isFalse();
    assertThat(client().put(created.header("Location"), body).json().get("warnings")).hasSize(2);
  }

  @Test
  void takenOverAgentWithZerosAndLargeValuesRuns() {
    Answer created =
        agent("{\"provider\": {\"name\": \"simulated\"}, \"model\": {\"name\": \"m\"}}");
    server.execute(
        """
        UPDATE agents SET config = jsonb_set(config, '{client}', '{"timeout": 7200000000000,
          "retry": {"max_retries": 20, "initial_backoff": 0, "max_backoff": 0,
                    "backoff_multiplier": 0, "jitter": true},
          "connection_pool_size": 0, "connection_timeout": 0}') WHERE id = '%s'\
        """
            .formatted(created.json().get("id").asString()));

    Answer chat = client().post(created.header("Location") + "/chat", "{\"prompt\": \"Hi\"}");

    assertThat(chat.status()).as(chat.text()).isEqualTo(200);
    JsonNode read = client().get(created.header("Location")).json();
    String same = AgentApi.body(read.get("name").asString(), read.get("config").toString());
    assertThat(client().put(created.header("Location"), same).status()).isEqualTo(200);
  }

  @Test
  void emptyTokenIsIgnored() {
    Answer created =
        agent("{\"provider\": {\"name\": \"simulated\"}, \"model\": {\"name\": \"m\"}}");
    String chat = created.header("Location") + "/chat";

    Answer answer = client().post(chat, "{\"prompt\": \"Hi\", \"token\": \"\"}");

    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
  }

  @Test
  void emptyFieldsOfAVisionFormAreIgnored() {
    Answer created =
        agent("{\"provider\": {\"name\": \"simulated\"}, \"model\": {\"name\": \"m\"}}");
    byte[] form =
        VisionForm.create("What is it?", VisionForm.PNG, Map.of("token", "", "options", ""));

    Answer answer = client().post(created.header("Location") + "/vision", form, VisionForm.TYPE);

    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
  }
}
