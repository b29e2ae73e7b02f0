package dev.agentlab.cli;

import dev.agentlab.json.Json;
import java.time.Duration;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The client for providers.
record ProvidersApi(ResourceClient registry) {
  private static final Duration POLL_INTERVAL = Duration.ofMillis(200);

  ProvidersApi(ApiClient api) {
    this(new ResourceClient(api, "/api/providers", "provider"));
  }

  /// The base URL in a configuration, or its kind if there is none.
  static String describeTarget(JsonNode config) {
    String url = config.path("base_url").asString("");
    return url.isEmpty() ? config.path("name").asString("") : url;
  }

  /// Probes a stored provider and returns the report.
  JsonNode probe(String nameOrId) {
    return registry
        .api()
        .post(registry.path(nameOrId) + "/probe", Json.MAPPER.missingNode())
        .body();
  }

  /// Probes a configuration without storing it and returns the report.
  JsonNode probe(JsonNode config) {
    ObjectNode body = Json.MAPPER.createObjectNode();
    body.set("config", config);
    return registry.api().post(registry.path("probe"), body).body();
  }

  /// Gets the models of a provider. Polls while the service loads them, because the service itself
  /// never waits for a provider.
  ///
  /// @param patience the timeout, after which the current state is returned
  JsonNode models(String nameOrId, Duration patience) throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    String path = registry.path(nameOrId) + "/models";
    JsonNode models = registry.api().get(path).body();
    while (models.path("state").asString("").equals("loading") && System.nanoTime() < deadline) {
      Thread.sleep(POLL_INTERVAL);
      models = registry.api().get(path).body();
    }
    return models;
  }

  List<KindDescription> kinds() {
    return KindDescription.list(registry.api().get("/api/provider-kinds").body());
  }
}
