package dev.agentlab.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.agents.AgentApi;
import dev.agentlab.json.Json;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.testing.Await;
import dev.agentlab.testing.FakeUpstream;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/// Warnings about configurations that are stored nevertheless.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConfigWarningsIT {
  @RegisterExtension private final TestServer server = new TestServer();

  @Test
  void misspeltOptionOfProviderIsStoredWithWarning() {
    Answer created =
        create(
            "/api/providers",
            "{\"name\": \"openai\", \"options\": {\"api_key\": \"sk-0123456789\","
                + " \"organisaton\": \"org-1\"}}");

    assertThat(created.json().at("/config/options/organisaton").asString()).isEqualTo("org-1");
    assertThat(warnings(created))
        .containsExactly(
            "config.options.organisaton is not an option of the kind openai and has no effect;"
                + " did you mean organization?");
  }

  @Test
  void misspeltSecretOfProviderIsStoredAsSecretWithWarning() {
    Answer created =
        create(
            "/api/providers",
            "{\"name\": \"openai-compatible\", \"base_url\": \"http://localhost:9/v1\","
                + " \"options\": {\"tokn\": \"sk-canary-0123456789\"}}");
    String id = created.json().path("id").asString();

    assertThat(created.json().at("/config/options/tokn/set").asBoolean()).isTrue();
    assertThat(warnings(created))
        .containsExactly(
            "config.options.tokn is not an option of the kind openai-compatible and has no effect;"
                + " did you mean token?");
    Answer recorded = server.client().get("/api/audit?kind=provider&resource=" + id);
    assertThat(recorded.json().path("data")).hasSize(1);
    assertThat(created.text() + server.client().get("/api/providers/" + id).text())
        .doesNotContain("canary");
    assertThat(recorded.text()).contains("tokn").doesNotContain("canary");
  }

  @Test
  void misspeltOptionOfRequestsIsStoredWithWarning() {
    Answer created =
        create(
            "/api/agents",
            """
            {"provider": {"name": "simulated"}, "model": {"name": "m", "capabilities": {
             "chat": {"tempratur": 0.5, "top_k": 3, "x": 1}, "embeddings": {"dimension": 3}}}}
            """);

    assertThat(created.json().at("/config/model/capabilities/chat/tempratur").asDouble())
        .isEqualTo(0.5);
    assertThat(warnings(created))
        .containsExactly(
            "config.model.capabilities.chat.tempratur is sent unchanged; did you mean temperature?",
            "config.model.capabilities.embeddings.dimension is sent unchanged;"
                + " did you mean dimensions?");
  }

  @Test
  void modelNotListedByItsProviderIsStoredWithWarning() throws Exception {
    String list = "{\"data\": [{\"id\": \"llama3.2:latest\"}, {\"id\": \"qwen3:8b\"}]}";
    try (FakeUpstream upstream = FakeUpstream.start(FakeUpstream.json(list))) {
      Answer provider =
          create(
              "/api/providers",
              "{\"name\": \"ollama\", \"base_url\": \"%s\"}".formatted(upstream.url("/v1")));
      String id = provider.json().get("id").asString();
      // The list of models is loaded on demand.
      assertThat(warnings(agent(id, "qwen3:14b"))).isEmpty();
      Await.until(
          "the models are known",
          () ->
              server
                  .client()
                  .get("/api/providers/%s/models".formatted(id))
                  .json()
                  .get("state")
                  .asString()
                  .equals("fresh"));

      assertThat(warnings(agent(id, "llama3.2"))).isEmpty();
      assertThat(warnings(agent(id, "qwen3:8b"))).isEmpty();
      Answer created = agent(id, "qwen3:14b");
      assertThat(warnings(created))
          .containsExactly(
              "config.model.name is \"qwen3:14b\", which the provider does not list among its 2"
                  + " models; did you mean qwen3:8b?");
      Answer replaced =
          server
              .client()
              .put(created.header("Location"), AgentApi.body("a " + id, config(id, "gpt-4o")));
      assertThat(warnings(replaced))
          .containsExactly(
              "config.model.name is \"gpt-4o\", which the provider does not list among its 2 models");

      String agent = created.header("Location");
      String unchanged = AgentApi.body("a " + id, config(id, "gpt-4o"));
      String renamed = AgentApi.body("b " + id, config(id, "gpt-4o"));
      assertThat(warnings(server.client().put(agent, unchanged))).isEmpty();
      assertThat(warnings(server.client().put(agent, renamed))).isEmpty();
    }
  }

  @Test
  void onlyModelOfProviderIsSuggested() {
    Answer provider = create("/api/providers", "{\"name\": \"simulated\"}");
    String id = provider.json().get("id").asString();
    Await.until(
        "the models are known",
        () ->
            server
                .client()
                .get("/api/providers/%s/models".formatted(id))
                .json()
                .get("state")
                .asString()
                .equals("fresh"));

    assertThat(warnings(agent(id, "any")))
        .containsExactly(
            "config.model.name is \"any\", which the provider does not list among its 1 model;"
                + " did you mean simulated?");
    assertThat(warnings(agent(id, "simulated"))).isEmpty();
  }

  @Test
  void modelOfAnotherProviderIsReportedWithTheProviderThatAnswers() throws Exception {
    String list = "{\"data\": [{\"id\": \"listed\"}, {\"id\": \"hidden\"}]}";
    try (FakeUpstream upstream = FakeUpstream.start(FakeUpstream.json(list))) {
      Answer first =
          create(
              "/api/providers",
              """
              {"name": "ollama", "base_url": "%s", "options": {
               "models": ["shared", "list*"], "priority": 1}}
              """
                  .formatted(upstream.url("/v1")));
      String name = first.json().get("name").asString();
      assertThat(warnings(first)).isEmpty();
      awaitModels(first.json().get("id").asString());

      Answer lower = create("/api/providers", simulated(0, "own", "shared", "listed", "hidden"));
      String lowerName = lower.json().get("name").asString();
      String reason = "because its priority is higher, 1 and not 0";
      assertThat(warnings(lower))
          .containsExactly(
              answering("config.options.models[1]", "shared", name, name, reason),
              answering("config.options.models[2]", "listed", name, name, reason));

      Answer equal = create("/api/providers", simulated(1, "listed"));
      assertThat(warnings(equal))
          .containsExactly(
              answering("config.options.models[0]", "listed", name, name, "because it is older"));
      assertThat(warnings(create("/api/providers", simulated(-1, "own*")))).isEmpty();

      Answer raised =
          server
              .client()
              .put(lower.header("Location"), AgentApi.body(lowerName, simulated(2, "shared")));
      assertThat(warnings(raised))
          .containsExactly(
              answering(
                  "config.options.models[0]",
                  "shared",
                  name,
                  lowerName,
                  "because its priority is higher, 2 and not 1"));
      for (Answer created : List.of(first, lower, equal)) {
        server.client().delete(created.header("Location"));
      }
    }
  }

  @Test
  void warningsAboutSharedModelsAreLimited() {
    String[] names = IntStream.range(0, 30).mapToObj("many-%d"::formatted).toArray(String[]::new);
    create("/api/providers", simulated(0, names));

    assertThat(warnings(create("/api/providers", simulated(0, names))))
        .hasSize(11)
        .last()
        .isEqualTo("config.options.models has 20 more models that other providers have too");
  }

  @Test
  void agentWithNameOfModelIsStoredWithWarning() {
    Answer provider = create("/api/providers", simulated(0, "declared-model", "other-model"));
    String id = provider.json().get("id").asString();
    String name = provider.json().get("name").asString();
    String agents = "/api/agents";
    String config = config(id, "declared-model");

    Answer created = server.client().post(agents, AgentApi.body("declared-model", config));
    assertThat(warnings(created)).containsExactly(shadowing("declared-model", name));
    String path = created.header("Location");
    assertThat(warnings(server.client().put(path, AgentApi.body("declared-model", config))))
        .isEmpty();
    assertThat(warnings(server.client().put(path, AgentApi.body("other-model", config))))
        .containsExactly(shadowing("other-model", name));
    assertThat(warnings(server.client().put(path, AgentApi.body("free-" + id, config)))).isEmpty();
  }

  @Test
  void agentWithNameOfListedModelIsStoredWithWarning() throws Exception {
    String list = "{\"data\": [{\"id\": \"cached-model\"}, {\"id\": \"excluded-model\"}]}";
    try (FakeUpstream upstream = FakeUpstream.start(FakeUpstream.json(list))) {
      Answer provider =
          create(
              "/api/providers",
              "{\"name\": \"ollama\", \"base_url\": \"%s\", \"options\": {\"models\": [\"cach*\", \"x\"]}}"
                  .formatted(upstream.url("/v1")));
      String id = provider.json().get("id").asString();
      awaitModels(id);

      Answer created =
          server.client().post("/api/agents", AgentApi.body("cached-model", config(id, "x")));
      assertThat(warnings(created))
          .containsExactly(shadowing("cached-model", provider.json().get("name").asString()));
      Answer excluded =
          server.client().post("/api/agents", AgentApi.body("excluded-model", config(id, "x")));
      assertThat(warnings(excluded)).isEmpty();
    }
  }

  private static String simulated(int priority, String... models) {
    return "{\"name\": \"simulated\", \"options\": {\"priority\": %d, \"models\": %s}}"
        .formatted(priority, Json.MAPPER.writeValueAsString(models));
  }

  private static String answering(
      String field, String model, String other, String answering, String reason) {
    return "%s is \"%s\", which the provider \"%s\" has too: \"%s\" answers requests that name only the model, %s"
        .formatted(field, model, other, answering, reason);
  }

  private static String shadowing(String model, String provider) {
    return "name is \"%s\", which is also a model of the provider \"%s\": clients of /v1 that request it get this agent"
        .formatted(model, provider);
  }

  private void awaitModels(String provider) {
    Await.value(
        "fresh",
        () ->
            server
                .client()
                .get("/api/providers/%s/models".formatted(provider))
                .json()
                .get("state")
                .asString());
  }

  private Answer agent(String providerId, String model) {
    return create("/api/agents", config(providerId, model));
  }

  private static String config(String providerId, String model) {
    return "{\"provider_id\": \"%s\", \"model\": {\"name\": \"%s\"}}".formatted(providerId, model);
  }

  private Answer create(String path, String config) {
    Answer created =
        server.client().post(path, AgentApi.body("warned " + UUID.randomUUID(), config));
    assertThat(created.status()).as(created.text()).isEqualTo(201);
    return created;
  }

  private static List<String> warnings(Answer answer) {
    return answer.json().path("warnings").valueStream().map(JsonNode::asString).toList();
  }
}
