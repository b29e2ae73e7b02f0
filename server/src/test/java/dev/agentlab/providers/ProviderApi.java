package dev.agentlab.providers;

import dev.agentlab.json.Json;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.server.TestServer;
import java.util.List;
import java.util.UUID;

/// A client of the provider API for tests.
record ProviderApi(TestServer server) {
  static final String OLLAMA =
      """
      {"name": "ollama", "base_url": "http://localhost:11434", "options": {}}\
      """;

  Answer post(String path, String json, String... headers) {
    return server.client().post(path, json, headers);
  }

  Answer create(String name, String config, String... headers) {
    return post("/api/providers", body(name, config), headers);
  }

  static String body(String name, String config) {
    return "{\"name\": %s, \"config\": %s}".formatted(Json.MAPPER.writeValueAsString(name), config);
  }

  static String unique(String prefix) {
    return prefix + " " + UUID.randomUUID();
  }

  static List<String> names(Answer page) {
    return page.json().get("data").valueStream().map(row -> row.get("name").asString()).toList();
  }
}
