package dev.agentlab.agents;

import dev.agentlab.json.Json;
import dev.agentlab.llm.ProviderKinds;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The JSON Schemas of configurations: what a caller may send, and what one sees.
public final class AgentSchemas {
  private static final String GIVEN =
      """
      {
        "type": "object",
        "properties": {
          "name": {"type": ["string", "null"], "description": "Kept; means nothing here."},
          "system_prompt": {
            "type": ["string", "null"],
            "description": "What the model is told before every conversation."
          },
          "client": {
            "type": ["object", "null"],
            "description": "How calls are made. Times are text such as 1m30s, or nanoseconds. 0 and empty text mean the default; what is above a limit becomes the limit, with a warning.",
            "properties": {
              "timeout": {
                "type": ["string", "integer"], "default": "2m", "description": "100ms to 1h."
              },
              "retry": {
                "type": "object",
                "properties": {
                  "max_retries": {
                    "type": "integer", "minimum": 0, "default": 3,
                    "description": "Up to 10. 0 is none, unless backoff_multiplier is 0 as well."
                  },
                  "initial_backoff": {
                    "type": ["string", "integer"], "default": "1s",
                    "description": "Up to max_backoff."
                  },
                  "max_backoff": {
                    "type": ["string", "integer"], "default": "30s", "description": "Up to 1h."
                  },
                  "backoff_multiplier": {
                    "type": "number", "minimum": 0, "default": 2.0, "description": "1 to 100."
                  },
                  "jitter": {"type": "boolean", "default": true}
                },
                "additionalProperties": false
              },
              "connection_pool_size": {
                "type": "integer", "minimum": 0, "default": 10, "description": "1 to 1000."
              },
              "connection_timeout": {
                "type": ["string", "integer"], "default": "30s", "description": "100ms to 1h."
              }
            },
            "additionalProperties": false
          },
          "provider": {"oneOf": [
            {"type": "string", "description": "The name of a registered provider."}
          ]},
          "provider_id": {
            "type": "string", "format": "uuid", "description": "The id of a registered provider."
          },
          "model": {
            "type": "object",
            "properties": {
              "name": {"type": "string", "minLength": 1},
              "capabilities": {
                "type": "object",
                "description": "Default options of each kind of request. They are shown as they are: what looks like a secret is refused, and given in the options of each call.",
                "properties": {
                  "chat": {"type": "object"},
                  "vision": {"type": "object"},
                  "tools": {"type": "object"},
                  "embeddings": {"type": "object"}
                },
                "additionalProperties": false
              }
            },
            "required": ["name"],
            "additionalProperties": false
          }
        },
        "required": ["model"],
        "oneOf": [{"required": ["provider"]}, {"required": ["provider_id"]}],
        "additionalProperties": false
      }
      """;

  private static final String SHOWN =
      """
      {
        "type": "object",
        "description": "An agent's configuration; each secret is shown as set, with a hint.",
        "properties": {
          "name": {"type": "string"},
          "system_prompt": {"type": "string"},
          "client": {"type": "object"},
          "provider": {"type": "object", "description": "A provider of the agent's own."},
          "provider_id": {
            "type": "string", "format": "uuid", "description": "The registered provider it uses."
          },
          "model": {"type": "object"}
        },
        "additionalProperties": false
      }
      """;

  private AgentSchemas() {}

  /// The schema of each type that brings its own.
  public static Map<Class<?>, JsonNode> of(ProviderKinds kinds) {
    ObjectNode given = Json.MAPPER.readTree(GIVEN).asObject();
    given.put(
        "description",
        "An agent's configuration; at most %d bytes as JSON, of which its own provider has %d."
            .formatted(Agents.CONFIG_SIZE.most(), Agents.PROVIDER_SIZE.most()));
    ArrayNode providers = (ArrayNode) given.at("/properties/provider/oneOf");
    kinds.all().forEach(kind -> providers.add(kind.schema()));
    return Map.of(
        GivenAgentConfig.class, given, ShownAgentConfig.class, Json.MAPPER.readTree(SHOWN));
  }
}
