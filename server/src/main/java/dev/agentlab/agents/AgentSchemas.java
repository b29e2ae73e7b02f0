package dev.agentlab.agents;

import dev.agentlab.json.Json;
import dev.agentlab.kinds.ProviderKinds;
import dev.agentlab.resources.ModelNames;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The JSON Schemas of agent configurations in requests and responses.
final class AgentSchemas {
  private static final String CONFIG_INPUT =
      """
      {
        "type": "object",
        "properties": {
          "name": {"type": ["string", "null"], "description": "Stored but not used."},
          "system_prompt": {
            "type": ["string", "null"],
            "description": "The system message that starts every conversation."
          },
          "client": {"anyOf": [{"$ref": "#/$defs/ClientSettings"}, {"type": "null"}]},
          "provider": {
            "description": "The name of a registered provider, or an inline provider. Mutually exclusive with `provider_id`.",
            "anyOf": [{"type": "string"}, {"$ref": "#/$defs/InlineProviderConfig"}]
          },
          "provider_id": {
            "type": "string", "format": "uuid", "description": "The id of a registered provider."
          },
          "route": {
            "type": "string",
            "description": "The name of a route, in the place of a provider. The route decides about models and retries."
          },
          "route_id": {
            "type": "string", "format": "uuid",
            "description": "The id of a route. If `route` is given too, both must denote the same route."
          },
          "model": {"$ref": "#/$defs/ModelSettings"}
        },
        "if": {
          "anyOf": [
            {"properties": {"route": true}, "required": ["route"]},
            {"properties": {"route_id": true}, "required": ["route_id"]}
          ]
        },
        "then": {
          "properties": {
            "provider": false, "provider_id": false, "model": {"properties": {"name": false}}
          }
        },
        "else": {
          "properties": {"model": {"properties": {"name": true}, "required": ["name"]}},
          "required": ["model"],
          "if": {"properties": {"provider_id": true}, "required": ["provider_id"]},
          "then": {"properties": {"provider": false}},
          "else": {"properties": {"provider": true}, "required": ["provider"]}
        },
        "additionalProperties": false,
        "$defs": {
          "ClientSettings": {
            "type": "object",
            "description": "Settings of model calls. A duration is a string such as 1m30s, or a number of nanoseconds. 0 and the empty string mean the default. A value above its limit is reduced to the limit, with a warning.",
            "properties": {
              "timeout": {
                "type": ["string", "integer"], "description": "100ms to 1h. Default: 2m"
              },
              "retry": {"$ref": "#/$defs/RetrySettings"},
              "connection_pool_size": {
                "type": "integer", "minimum": 0, "description": "1 to 1000. Default: 10"
              },
              "connection_timeout": {
                "type": ["string", "integer"], "description": "100ms to 1h. Default: 30s"
              }
            },
            "additionalProperties": false
          },
          "RetrySettings": {
            "type": "object",
            "properties": {
              "max_retries": {
                "type": "integer", "minimum": 0,
                "description": "Up to 10. 0 means no retries, unless backoff_multiplier is also 0. Default: 3"
              },
              "initial_backoff": {
                "type": ["string", "integer"], "description": "Up to max_backoff. Default: 1s"
              },
              "max_backoff": {
                "type": ["string", "integer"], "description": "Up to 1h. Default: 30s"
              },
              "backoff_multiplier": {
                "type": "number", "minimum": 0, "description": "1 to 100. Default: 2"
              },
              "jitter": {"type": "boolean", "description": "Default: true"}
            },
            "additionalProperties": false
          },
          "ModelSettings": {
            "type": "object",
            "properties": {
              "name": {
                "type": "string", "minLength": 1,
                "description": "The provider's name of the model. Required with a provider, and absent with a route."
              },
              "capabilities": {"$ref": "#/$defs/CapabilityOptions"}
            },
            "additionalProperties": false
          },
          "CapabilityOptions": {
            "type": "object",
            "description": "Default request options by capability. They are stored and returned in plaintext, so values that look like secrets are rejected: pass those in the options of each request.",
            "properties": {
              "chat": {"type": "object", "additionalProperties": true},
              "vision": {"type": "object", "additionalProperties": true},
              "tools": {"type": "object", "additionalProperties": true},
              "embeddings": {"type": "object", "additionalProperties": true}
            },
            "additionalProperties": false
          }
        }
      }
      """;

  private static final String MASKED_CONFIG =
      """
      {
        "type": "object",
        "description": "An agent's configuration. Secrets are masked: each is shown as set, with a hint.",
        "properties": {
          "name": {"type": "string"},
          "system_prompt": {"type": "string"},
          "client": {"type": "object", "additionalProperties": true},
          "provider": {
            "type": "object",
            "description": "An inline provider.",
            "additionalProperties": true
          },
          "provider_id": {
            "type": "string", "format": "uuid", "description": "The id of the registered provider."
          },
          "route": {"type": "string", "description": "The present name of the route."},
          "route_id": {"type": "string", "format": "uuid", "description": "The id of the route."},
          "model": {"type": "object", "additionalProperties": true}
        },
        "additionalProperties": false
      }
      """;

  private AgentSchemas() {}

  /// The schemas that are not derived from a record, by type.
  static Map<Class<?>, JsonNode> of(ProviderKinds kinds) {
    ObjectNode given = Json.MAPPER.readTree(CONFIG_INPUT).asObject();
    given.put(
        "description",
        "An agent's configuration; at most %d bytes as JSON."
            .formatted(Agents.CONFIG_SIZE.maxBytes()));
    given
        .withObject("/$defs/ModelSettings/properties/name")
        .put("maxLength", ModelNames.MAX_LENGTH);
    ObjectNode inline = kinds.inputSchema();
    inline.put(
        "description",
        "An inline provider; at most %d bytes as JSON.".formatted(Agents.PROVIDER_SIZE.maxBytes()));
    ObjectNode definitions = (ObjectNode) given.get("$defs");
    definitions.setAll((ObjectNode) inline.remove("$defs"));
    definitions.set("InlineProviderConfig", inline);
    return Map.of(
        AgentConfigInput.class, given, AgentConfig.class, Json.MAPPER.readTree(MASKED_CONFIG));
  }
}
