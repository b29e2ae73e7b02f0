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

/// A test client for agents and for the providers that they use.
public record AgentApi(TestServer server) {
  public static final String MODEL_MEMBER = "\"model\": {\"name\": \"llama3.2\"}";

  private static final String OLLAMA =
      """
      {"name": "ollama", "base_url": "http://localhost:11434", "options": {}}\
      """;

  /// The config of an agent with an inline provider.
  public static final String INLINE_CONFIG = config(OLLAMA, "");

  /// Creates a config.
  ///
  /// @param provider JSON
  /// @param more additional members, each preceded by a comma
  public static String config(String provider, String more) {
    return "{\"provider\": %s, %s%s}".formatted(provider, MODEL_MEMBER, more);
  }

  public static String azureConfig(String host, String token) {
    return config(
        """
        {"name": "azure", "base_url": "https://%s.openai.azure.com/openai", "options": {
          "deployment": "gpt-4o", "auth_type": "api_key", "api_version": "2024-10-21"%s}}\
        """
            .formatted(host, token),
        "");
  }

  public static String registeredConfig(String providerId) {
    return "{\"provider_id\": \"%s\", %s}".formatted(providerId, MODEL_MEMBER);
  }

  public static String body(String name, String config) {
    return "{\"name\": %s, \"config\": %s}".formatted(Json.MAPPER.writeValueAsString(name), config);
  }

  public static String uniqueName(String prefix) {
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

  /// Creates an agent and requires success.
  public Answer createAgent(String config) {
    Answer created = create(uniqueName("agent"), config);
    assertThat(created.status()).as(created.text()).isEqualTo(201);
    return created;
  }

  /// Registers a provider and returns the response.
  public Answer createProvider(String name) {
    Answer created = client().post("/api/providers", body(name, OLLAMA));
    assertThat(created.status()).as(created.text()).isEqualTo(201);
    return created;
  }

  static <T> List<T> runConcurrently(List<? extends Callable<T>> calls) throws Exception {
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
