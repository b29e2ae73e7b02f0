package dev.agentlab.cli;

import dev.agentlab.json.Json;
import java.time.Duration;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The providers the service keeps, and what can be done with them.
record ProvidersApi(ResourceClient registry) {
  private static final Duration ASK_AGAIN = Duration.ofMillis(200);

  ProvidersApi(ApiClient api) {
    this(new ResourceClient(api, "/api/providers", "provider"));
  }

  /// Where the provider of a configuration is: its address, else its kind.
  static String place(JsonNode config) {
    String url = config.path("base_url").asString("");
    return url.isEmpty() ? config.path("name").asString("") : url;
  }

  /// The report of a probe of a provider as it is kept.
  JsonNode probe(String nameOrId) {
    return registry
        .api()
        .post(registry.path(nameOrId) + "/probe", Json.MAPPER.missingNode())
        .body();
  }

  /// The report of a probe of a configuration that is not kept.
  JsonNode probe(JsonNode config) {
    ObjectNode body = Json.MAPPER.createObjectNode();
    body.set("config", config);
    return registry.api().post(registry.path("probe"), body).body();
  }

  /// The models of a provider once the service has them: it never waits for a provider itself.
  ///
  /// @param patience after which they are what they are by then
  JsonNode models(String nameOrId, Duration patience) throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    String path = registry.path(nameOrId) + "/models";
    JsonNode models = registry.api().get(path).body();
    while (models.path("state").asString("").equals("loading") && System.nanoTime() < deadline) {
      Thread.sleep(ASK_AGAIN);
      models = registry.api().get(path).body();
    }
    return models;
  }

  List<KindDescription> kinds() {
    return KindDescription.list(registry.api().get("/api/provider-kinds").body());
  }
}
