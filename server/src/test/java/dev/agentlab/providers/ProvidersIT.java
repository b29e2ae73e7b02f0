package dev.agentlab.providers;

import static dev.agentlab.providers.ProviderApi.OLLAMA;
import static dev.agentlab.providers.ProviderApi.body;
import static dev.agentlab.providers.ProviderApi.names;
import static dev.agentlab.providers.ProviderApi.unique;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.json.Json;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.server.TestServer;
import dev.agentlab.testing.Await;
import dev.agentlab.testing.FakeUpstream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Tests the provider API on a real PostgreSQL.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProvidersIT {
  private static final String AZURE =
      """
      {"name": "azure", "base_url": "https://team.openai.azure.com/openai", "options": {
        "deployment": "gpt-4o", "auth_type": "api_key", "token": "azure-token-12345678",
        "api_version": "2024-10-21"}}\
      """;

  @RegisterExtension private final TestServer server = new TestServer();
  private final ProviderApi providers = new ProviderApi(server);

  @Test
  void createdProviderCanBeRead() {
    String name = unique("made");
    Answer created = providers.create(name, OLLAMA);

    assertThat(created.status()).isEqualTo(201);
    assertThat(created.json().get("name").asString()).isEqualTo(name);
    assertThat(created.json().get("config")).isEqualTo(Json.MAPPER.readTree(OLLAMA));
    assertThat(created.json().get("created_at")).isEqualTo(created.json().get("updated_at"));
    assertThat(created.header("Location"))
        .isEqualTo("/api/providers/" + created.json().get("id").asString());

    Answer read = server.client().get(created.header("Location"));
    assertThat(read.status()).isEqualTo(200);
    assertThat(read.json()).isEqualTo(created.json());
    assertThat(read.header("ETag")).isEqualTo(created.header("ETag")).isEqualTo("\"1\"");
  }

  @Test
  void secretIsNeverReturned() {
    Answer created = providers.create(unique("secret"), AZURE);
    assertThat(created.json().at("/config/options/token").propertyNames())
        .containsExactly("set", "hint", "updated_at");
    assertThat(created.json().at("/config/options/token/hint").asString()).isEqualTo("…5678");
    assertThat(server.client().get(created.header("Location")).text())
        .doesNotContain("azure-token-1234");
    assertThat(server.client().get("/api/providers?page_size=100").text())
        .doesNotContain("azure-token-1234");
  }

  @Test
  void takenNameIsAConflict() {
    String name = unique("taken");
    providers.create(name, OLLAMA);
    Answer second = providers.create(name, OLLAMA);
    assertThat(second.status()).isEqualTo(409);
    assertThat(second.json().get("type").asString()).isEqualTo("/problems/name-taken");
    assertThat(second.json().get("error").asString()).contains(name);
  }

  @Test
  void allErrorsOfACreateAreReportedTogether() {
    Answer rejected =
        providers.create(" ", "{\"name\": \"azure\", \"base_url\": \"ftp://x\", \"options\": {}}");
    assertThat(rejected.status()).isEqualTo(400);
    assertThat(rejected.json().get("errors").valueStream().map(e -> e.get("field").asString()))
        .contains(
            "name",
            "config.base_url",
            "config.options.deployment",
            "config.options.auth_type",
            "config.options.token",
            "config.options.api_version");
  }

  @Test
  void missingNameDoesNotHideOtherErrors() {
    Answer refused =
        server
            .client()
            .post(
                "/api/providers",
                "{\"nam\": \"x\", \"config\": {\"name\": \"openai\", \"option\": {}}}");

    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.json().get("detail").asString())
        .contains("nam: is unknown; did you mean name?")
        .contains("name: is required")
        .contains(
            "config.option: is unknown; known members are name, base_url, options, model; did you mean")
        .contains("config.options.api_key: is required for OpenAI provider");
  }

  @Test
  void misspeltConfigIsReportedWithTheMissingMember() {
    Answer refused = server.client().post("/api/providers", "{\"name\": \"x\", \"cofnig\": {}}");

    assertThat(refused.json().get("detail").asString())
        .isEqualTo("cofnig: is unknown; did you mean config?; config: is required");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"name\": \"openia\", \"base_url\": \"http://localhost\", \"options\": {}}",
        "{\"base_url\": \"http://localhost\"}",
        "\"ollama\"",
        "[]",
        "null",
        "{\"name\": \"ollama\"}",
        "{\"name\": \"ollama\", \"base_url\": \"http://localhost\", \"optoins\": {}}",
        "{\"name\": \"ollama\", \"base_url\": \"http://localhost\","
            + " \"options\": {\"note\": \"\\u0000\"}}",
        "{\"name\": \"ollama\", \"base_url\": \"http://localhost\","
            + " \"options\": {\"note\": \"\\ud800\"}}",
        "{\"name\": \"ollama\", \"base_url\": \"http://localhost\","
            + " \"options\": {\"note\": 1e999999}}",
      })
  void invalidConfigIsRejectedAndNotStored(String config) {
    String name = unique("unfit");
    Answer rejected = providers.create(name, config);
    assertThat(rejected.status()).as(rejected.text()).isEqualTo(400);
    assertThat(rejected.json().get("errors").get(0).get("field").asString()).startsWith("config");
    assertThat(names(providers.post("/api/providers/search", "{\"name\": \"%s\"}".formatted(name))))
        .isEmpty();
  }

  @Test
  void unknownKindErrorListsKnownKinds() {
    Answer rejected =
        providers.create(unique("kind"), "{\"name\": \"openia\", \"base_url\": \"http://x\"}");
    assertThat(rejected.json().get("error").asString()).contains("openia", "ollama", "azure");
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "PUT", "DELETE"})
  void unknownIdOrNameIsNotFound(String method) {
    String unknown = UUID.randomUUID().toString();
    for (String id : List.of("7", "1-1-1-1-1", unknown)) {
      assertThat(send(method, id).status()).isEqualTo(404);
    }
  }

  private Answer send(String method, String id) {
    String path = "/api/providers/" + id;
    return switch (method) {
      case "GET" -> server.client().get(path);
      case "PUT" -> server.client().put(path, body(unique("put"), OLLAMA));
      default -> server.client().delete(path);
    };
  }

  @Test
  void replaceKeepsOmittedSecret() {
    Answer created = providers.create(unique("kept"), AZURE);
    String changed =
        """
        {"name": "azure", "base_url": "https://team.openai.azure.com/openai", "options": {
          "deployment": "gpt-5", "auth_type": "api_key", "api_version": "2024-10-21"}}\
        """;
    Answer replaced = server.client().put(created.header("Location"), body(unique("n"), changed));

    assertThat(replaced.status()).as(replaced.text()).isEqualTo(200);
    assertThat(replaced.header("ETag")).isEqualTo("\"2\"");
    assertThat(replaced.json().at("/config/options/token/hint").asString()).isEqualTo("…5678");
    assertThat(replaced.json().at("/config/options/deployment").asString()).isEqualTo("gpt-5");
    assertThat(replaced.json().at("/config/options/token"))
        .isEqualTo(created.json().at("/config/options/token"));
    assertThat(server.secret("providers", created.json().get("id").asString(), "/options/token"))
        .isEqualTo("azure-token-12345678");
  }

  @Test
  void keptSecretIsNotMovedToAnotherDestination() {
    Answer created = providers.create(unique("moved"), AZURE);
    String moved =
        """
        {"name": "azure", "base_url": "https://evil.example/openai", "options": {
          "deployment": "gpt-4o", "auth_type": "api_key", "api_version": "2024-10-21"}}\
        """;
    Answer rejected = server.client().put(created.header("Location"), body(unique("n"), moved));
    assertThat(rejected.status()).isEqualTo(409);
    assertThat(rejected.json().get("type").asString()).isEqualTo("/problems/secret-required");
    assertThat(rejected.json().get("error").asString()).contains("config.options.token");
    assertThat(server.client().get(created.header("Location")).header("ETag")).isEqualTo("\"1\"");
  }

  @Test
  void staleChangeIsRejected() {
    Answer created = providers.create(unique("stale"), OLLAMA);
    String path = created.header("Location");
    String change = body(unique("n"), OLLAMA);
    assertThat(server.client().put(path, change, "If-Match", "\"1\"").status()).isEqualTo(200);
    assertThat(server.client().put(path, change, "If-Match", "\"1\"").status()).isEqualTo(412);
    assertThat(server.client().delete(path, "If-Match", "\"1\"").status()).isEqualTo(412);
    assertThat(server.client().delete(path, "If-Match", "\"2\"").status()).isEqualTo(204);
    assertThat(server.client().get(path).status()).isEqualTo(404);
  }

  @Test
  void onlyOneOfConcurrentReplacesSucceeds() throws Exception {
    Answer created = providers.create(unique("race"), OLLAMA);
    List<Integer> statuses =
        runConcurrently(
            32,
            () ->
                retryWhileUnavailable(() ->
                    server
                        .client()
                        .put(
                            created.header("Location"),
                            body(unique("racer"), OLLAMA),
                            "If-Match",
                            "\"1\"")));
    assertThat(statuses).containsOnlyOnce(200).isSubsetOf(200, 412);
    assertThat(server.client().get(created.header("Location")).header("ETag")).isEqualTo("\"2\"");
  }

  @Test
  void repeatedCreateWithOneKeyCreatesOnce() {
    String name = unique("once");
    String key = UUID.randomUUID().toString();
    Answer first = providers.create(name, AZURE, "Idempotency-Key", key);
    Answer again = providers.create(name, AZURE, "Idempotency-Key", key);
    assertThat(again.status()).isEqualTo(201);
    assertThat(again.text()).isEqualTo(first.text());
    assertThat(again.header("Location")).isEqualTo(first.header("Location"));

    Answer other = providers.create(name + "x", AZURE, "Idempotency-Key", key);
    assertThat(other.status()).isEqualTo(422);
    assertThat(providers.create(name, AZURE, "Idempotency-Key", "two words").status())
        .isEqualTo(400);
  }

  @Test
  void concurrentCreatesWithOneKeyCreateOnce() throws Exception {
    String name = unique("racing");
    String key = UUID.randomUUID().toString();
    List<Answer> answers =
        runConcurrently(16, () -> providers.create(name, OLLAMA, "Idempotency-Key", key));
    assertThat(answers).extracting(Answer::status).contains(201).isSubsetOf(201, 409);
    assertThat(
            answers.stream()
                .filter(answer -> answer.status() == 201)
                .map(answer -> answer.json().get("id").asString())
                .distinct())
        .hasSize(1);
    assertThat(
            answers.stream()
                .filter(answer -> answer.status() == 409)
                .map(answer -> answer.json().get("type").asString()))
        .allMatch("/problems/request-in-progress"::equals);
  }

  /// Retries after a 503: on a busy machine 32 writers may not all get a connection in time.
  private static int retryWhileUnavailable(Supplier<Answer> request) throws InterruptedException {
    Answer answer = request.get();
    while (answer.status() == 503) {
      Thread.sleep(Duration.ofSeconds(Long.parseLong(answer.header("Retry-After"))));
      answer = request.get();
    }
    return answer.status();
  }

  private static <T> List<T> runConcurrently(int times, Callable<T> call) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<T>> futures = new ArrayList<>();
      for (int i = 0; i < times; i++) {
        futures.add(threads.submit(call));
      }
      List<T> results = new ArrayList<>();
      for (Future<T> future : futures) {
        results.add(future.get());
      }
      return results;
    }
  }

  @Test
  void providerKindsIncludeSchemas() {
    JsonNode kinds = server.client().get("/api/provider-kinds").json().get("data");
    assertThat(kinds.valueStream().map(kind -> kind.get("name").asString()))
        .startsWith("ollama", "openai", "azure")
        .endsWith("openai-compatible", "simulated");
    assertThat(kinds.get(2).at("/schema/properties/options/properties/token/writeOnly"))
        .isEqualTo(Json.MAPPER.readTree("true"));
  }

  @Test
  void listedModelsHaveTheirMetadata() throws Exception {
    String list =
        """
        {"data": [{"id": "a", "name": "A", "context_length": 8192, "created": 1700000000,
         "architecture": {"input_modalities": ["text", "image"]}}, {"id": "b"}]}
        """;
    try (FakeUpstream upstream = FakeUpstream.start(FakeUpstream.json(list))) {
      Answer created =
          providers.create(
              unique("models"),
              "{\"name\": \"openai-compatible\", \"base_url\": \"%s\"}"
                  .formatted(upstream.url("/v1")));
      String path = created.header("Location") + "/models";
      Await.value("fresh", () -> server.client().get(path).json().get("state").asString());

      assertThat(server.client().get(path).json().get("data"))
          .isEqualTo(
              Json.MAPPER.readTree(
                  """
                  [{"id": "a", "display_name": "A", "context_length": 8192,
                    "input_modalities": ["text", "image"], "created": 1700000000}, {"id": "b"}]
                  """));
    }
  }

  @Test
  void simulatedProviderWithoutBaseUrlPassesProbe() {
    Answer created =
        providers.create(
            unique("simulated"),
            "{\"name\": \"simulated\", \"options\": {\"error_rate\": 0.25, \"latency\": \"1ms\"}}");
    assertThat(created.status()).as(created.text()).isEqualTo(201);
    assertThat(created.json().at("/config/options/error_rate").decimalValue()).isEqualTo("0.25");

    Answer probe = providers.post(created.header("Location") + "/probe", "");

    assertThat(probe.json().get("ok").booleanValue()).as(probe.text()).isTrue();
    assertThat(probe.json().at("/models/0/id").asString()).isEqualTo("simulated");
  }
}
