package dev.agentlab.agents;

import static dev.agentlab.server.GeneratedInputs.assertHandled;
import static dev.agentlab.server.GeneratedInputs.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.server.GeneratedInputs;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.server.TestServer;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Sends more than ten thousand generated inputs to the agent API. Each is accepted or rejected
/// with an error, never with status 500. A failure reports the seed of its input.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AgentInputsIT {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private static final List<String> WORDS =
      List.of("home", "ollama", "chat", "30s", "1h30m", "0", "-1ns", "llama3.2", "name", "");
  private static final List<String> TIMES =
      List.of("1ms", "100ms", "2s", "59m", "1.5h", "1e3s", "∞", ".5s");
  private static final List<String> CAPABILITIES = List.of("chat", "vision", "tools", "embeddings");

  @RegisterExtension private final TestServer server = new TestServer();
  private final AgentApi api = new AgentApi(server);

  @BeforeAll
  void start() {
    api.createProvider("home");
  }

  @Test
  void generatedAgentIsCreatedAsSentOrRejected() {
    int[] created = {0};
    GeneratedInputs.forSeeds(
        8_000,
        WORDS,
        inputs -> {
          Answer answer = api.client().post("/api/agents", text(agentInput(inputs)));
          assertHandled(answer);
          if (answer.status() == 201) {
            created[0]++;
            String path = answer.header("Location");
            assertThat(api.client().get(path).json())
                .isEqualTo(answer.json().asObject().without("warnings"));
            assertThat(api.client().delete(path).status()).isEqualTo(204);
          }
        });
    assertThat(created[0]).isGreaterThan(500);
  }

  @Test
  void generatedReplacementIsAcceptedOrRejected() {
    String path = api.createAgent(AgentApi.INLINE_CONFIG).header("Location");
    GeneratedInputs.forSeeds(
        2_000, WORDS, inputs -> assertHandled(api.client().put(path, text(agentInput(inputs)))));
    Answer revisions = api.client().get(path + "/revisions?page_size=1");
    assertThat(revisions.json().get("total"))
        .isEqualTo(api.client().get(path).json().get("revision"));
  }

  @Test
  void generatedBodyIsAcceptedOrRejected() {
    GeneratedInputs.forSeeds(
        1_000,
        WORDS,
        inputs -> {
          String body = text(inputs.json(3));
          assertHandled(api.client().post("/api/agents", body));
          assertHandled(
              api.client()
                  .post("/api/agents", "{\"name\": \"n\", \"config\": %s}".formatted(body)));
          assertHandled(api.client().post("/api/agents/search", body));
        });
  }

  private static JsonNode agentInput(GeneratedInputs inputs) {
    String name = inputs.rarely(2) ? inputs.string() : "n" + inputs.random().nextInt();
    return JSON.objectNode().put("name", name).set("config", config(inputs));
  }

  private static ObjectNode config(GeneratedInputs inputs) {
    ObjectNode config = JSON.objectNode();
    maybe(inputs, config, "name", () -> JSON.stringNode(inputs.string()));
    maybe(inputs, config, "system_prompt", () -> JSON.stringNode(inputs.string()));
    maybe(inputs, config, "client", () -> client(inputs));
    if (!inputs.rarely(8)) {
      config.set("provider", provider(inputs));
    }
    if (inputs.rarely(8)) {
      config.put("provider_id", inputs.rarely(2) ? UUID.randomUUID().toString() : "x");
    }
    config.set("model", inputs.rarely(16) ? inputs.json(2) : model(inputs));
    if (inputs.rarely(16)) {
      config.set(inputs.string(), inputs.json(2));
    }
    return config;
  }

  private static JsonNode client(GeneratedInputs inputs) {
    ObjectNode client = JSON.objectNode();
    maybe(inputs, client, "timeout", () -> time(inputs));
    maybe(inputs, client, "connection_timeout", () -> time(inputs));
    maybe(inputs, client, "connection_pool_size", inputs::number);
    maybe(inputs, client, "retry", () -> retry(inputs));
    return client;
  }

  private static JsonNode retry(GeneratedInputs inputs) {
    ObjectNode retry = JSON.objectNode();
    maybe(inputs, retry, "max_retries", inputs::number);
    maybe(inputs, retry, "initial_backoff", () -> time(inputs));
    maybe(inputs, retry, "max_backoff", () -> time(inputs));
    maybe(inputs, retry, "backoff_multiplier", inputs::number);
    maybe(inputs, retry, "jitter", () -> JSON.booleanNode(inputs.rarely(2)));
    return retry;
  }

  private static JsonNode time(GeneratedInputs inputs) {
    return inputs.rarely(4) ? inputs.number() : JSON.stringNode(inputs.oneOf(TIMES));
  }

  private static JsonNode provider(GeneratedInputs inputs) {
    return switch (inputs.random().nextInt(4)) {
      case 0 -> JSON.stringNode(inputs.oneOf(WORDS));
      case 1 -> inputs.json(2);
      case 2 -> JSON.stringNode("home");
      default ->
          JSON.objectNode()
              .put("name", "ollama")
              .put("base_url", "http://localhost:1")
              .set("options", JSON.objectNode().set("x", inputs.json(2)));
    };
  }

  private static JsonNode model(GeneratedInputs inputs) {
    ObjectNode capabilities = JSON.objectNode();
    for (int i = inputs.random().nextInt(4); i >= 0; i--) {
      capabilities.set(
          inputs.rarely(16) ? inputs.string() : inputs.oneOf(CAPABILITIES),
          inputs.rarely(16) ? inputs.json(1) : options(inputs));
    }
    ObjectNode model = JSON.objectNode().put("name", inputs.rarely(4) ? inputs.string() : "m");
    maybe(inputs, model, "capabilities", () -> capabilities);
    return model;
  }

  private static ObjectNode options(GeneratedInputs inputs) {
    ObjectNode options = JSON.objectNode();
    if (inputs.rarely(2)) {
      options.set(inputs.string(), inputs.json(2));
    }
    return options;
  }

  /// Omits the member half the time, and rarely sets it to arbitrary JSON.
  private static void maybe(
      GeneratedInputs inputs, ObjectNode object, String member, Supplier<JsonNode> value) {
    if (inputs.rarely(2)) {
      object.set(member, inputs.rarely(16) ? inputs.json(2) : value.get());
    }
  }
}
