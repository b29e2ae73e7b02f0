package dev.agentlab.providers;

import dev.agentlab.json.Json;
import dev.agentlab.kinds.ProviderKinds;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The JSON Schemas of configurations, which come from the kinds and not from Java types.
public final class ProviderSchemas {
  private static final String SHOWN =
      """
      {
        "type": "object",
        "description": "A provider's configuration; each secret is shown as set, with a hint.",
        "properties": {
          "name": {"type": "string", "description": "The kind of provider."},
          "base_url": {"type": "string"},
          "options": {
            "type": "object",
            "description": "What the kind declares, and anything else.",
            "additionalProperties": true
          },
          "model": {
            "type": "object",
            "description": "As it was given, if it was; not used.",
            "additionalProperties": true
          }
        },
        "required": ["name", "base_url", "options"],
        "additionalProperties": true
      }
      """;

  private ProviderSchemas() {}

  /// The schema of each type that brings its own.
  public static Map<Class<?>, JsonNode> of(ProviderKinds kinds) {
    ObjectNode given = kinds.inputSchema();
    given.put(
        "description",
        "A provider's configuration; at most %d bytes as JSON."
            .formatted(Providers.CONFIG_SIZE.most()));
    return Map.of(GivenConfig.class, given, ShownConfig.class, Json.MAPPER.readTree(SHOWN));
  }
}
