package dev.agentlab.agents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.json.Json;
import dev.agentlab.server.TestClient;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.server.TestServer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// What tests ask of a service about agents and the providers they use.
public record AgentApi(TestServer server) {
  public static final String MODEL = "\"model\": {\"name\": \"llama3.2\"}";

  private static final String OLLAMA =
      """
      {"name": "ollama", "base_url": "http://localhost:11434", "options": {}}\
      """;

  /// The config of an agent that brings its own provider.
  public static final String INLINE = config(OLLAMA, "");

  /// A config.
  ///
  /// @param provider JSON
  /// @param more members with a comma before each, if any
  public static String config(String provider, String more) {
    return "{\"provider\": %s, %s%s}".formatted(provider, MODEL, more);
  }

  public static String azure(String host, String token) {
    return config(
        """
        {"name": "azure", "base_url": "https://%s.openai.azure.com/openai", "options": {
          "deployment": "gpt-4o", "auth_type": "api_key", "api_version": "2024-10-21"%s}}\
        """
            .formatted(host, token),
        "");
  }

  public static String following(String providerId) {
    return "{\"provider_id\": \"%s\", %s}".formatted(providerId, MODEL);
  }

  public static String body(String name, String config) {
    return "{\"name\": %s, \"config\": %s}".formatted(Json.MAPPER.writeValueAsString(name), config);
  }

  public static String unique(String prefix) {
    return prefix + " " + UUID.randomUUID();
  }

  public static String id(Answer answer) {
    return answer.json().get("id").asString();
  }

  public static List<String> names(Answer page) {
    return page.json().get("data").valueStream().map(row -> row.get("name").asString()).toList();
  }

  public TestClient client() {
    return server.client();
  }

  public Answer create(String name, String config, String... headers) {
    return client().post("/api/agents", body(name, config), headers);
  }

  /// An agent that was made.
  public Answer made(String config) {
    Answer made = create(unique("agent"), config);
    assertThat(made.status()).as(made.text()).isEqualTo(201);
    return made;
  }

  /// A registered provider, by its answer.
  public Answer provider(String name) {
    Answer made = client().post("/api/providers", body(name, OLLAMA));
    assertThat(made.status()).as(made.text()).isEqualTo(201);
    return made;
  }

  static <T> List<T> atOnce(List<? extends Callable<T>> calls) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<T>> futures = new ArrayList<>();
      for (Callable<T> call : calls) {
        futures.add(threads.submit(call));
      }
      List<T> results = new ArrayList<>();
      for (Future<T> future : futures) {
        results.add(future.get());
      }
      return results;
    }
  }
}
