package dev.agentlab.providers;

import dev.agentlab.json.Json;
import dev.agentlab.kinds.ProviderConfig;
import dev.agentlab.kinds.ProviderKinds;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The JSON Schemas of configurations, which are generated from the kinds and not from Java types.
final class ProviderSchemas {
  private static final String MASKED_CONFIG =
      """
      {
        "type": "object",
        "description": "The configuration of a provider; each secret is shown as set, with a hint.",
        "properties": {
          "name": {"type": "string", "description": "The kind of provider."},
          "base_url": {"type": "string"},
          "options": {
            "type": "object",
            "description": "The options that the kind declares, and any others.",
            "additionalProperties": true
          },
          "model": {
            "type": "object",
            "description": "The value of the request, if any; not used.",
            "additionalProperties": true
          }
        },
        "required": ["name", "base_url", "options"],
        "additionalProperties": true
      }
      """;

  private ProviderSchemas() {}

  /// The schema of each type that has no generated one.
  static Map<Class<?>, JsonNode> of(ProviderKinds kinds) {
    ObjectNode input = kinds.inputSchema();
    input.put(
        "description",
        "The configuration of a provider; at most %d bytes as JSON."
            .formatted(Providers.CONFIG_SIZE.maxBytes()));
    return Map.of(
        ProviderConfigInput.class,
        input,
        ProviderConfig.class,
        Json.MAPPER.readTree(MASKED_CONFIG));
  }
}
