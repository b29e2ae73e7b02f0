package dev.agentlab.cli;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// Renders parts of agent configurations as text.
final class AgentPrinter {
  private final ResourceClient providers;
  private final Map<String, String> names = new HashMap<>();

  AgentPrinter(ApiClient api) {
    this.providers = new ProvidersApi(api).registry();
  }

  /// What an agent calls: the name of a registered provider, the address of an inline one, or the
  /// name of a route.
  String provider(JsonNode config) {
    if (AgentFlags.hasRoute(config)) {
      return "route " + route(config);
    }
    Optional<String> id = config.path("provider_id").stringValueOpt();
    JsonNode own = config.path("provider");
    return id.map(known -> names.computeIfAbsent(known, this::findProviderName))
        .orElseGet(() -> "inline, " + ProvidersApi.describeTarget(own));
  }

  private String findProviderName(String id) {
    try {
      return providers.api().get(providers.path(id)).body().path("name").asString(id);
    } catch (CommandFailure e) {
      if (e.code() == ExitCode.NOT_FOUND) {
        return id;
      }
      throw e;
    }
  }

  /// The name of the route of an agent, or the id of one that has been deleted.
  static String route(JsonNode config) {
    return config.path("route").asString(config.path("route_id").asString(""));
  }

  /// The model of an agent; empty if it has a route.
  static String model(JsonNode config) {
    return config.path("model").path("name").asString("");
  }
}
