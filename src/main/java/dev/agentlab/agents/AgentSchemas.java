package dev.agentlab.agents;

import dev.agentlab.json.Json;
import dev.agentlab.kinds.ProviderKinds;
import java.util.Map;
import tools.jackson.databind.JsonNode;
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
          "client": {"anyOf": [{"$ref": "#/$defs/ClientSettings"}, {"type": "null"}]},
          "provider": {
            "description": "The name of a registered provider, or a provider of the agent's own; either this or `provider_id`.",
            "anyOf": [{"type": "string"}, {"$ref": "#/$defs/InlineProviderConfig"}]
          },
          "provider_id": {
            "type": "string", "format": "uuid", "description": "The id of a registered provider."
          },
          "model": {"$ref": "#/$defs/ModelSettings"}
        },
        "required": ["model"],
        "if": {"properties": {"provider_id": true}, "required": ["provider_id"]},
        "then": {"properties": {"provider": false}},
        "else": {"properties": {"provider": true}, "required": ["provider"]},
        "additionalProperties": false,
        "$defs": {
          "ClientSettings": {
            "type": "object",
            "description": "How calls are made. Times are text such as 1m30s, or nanoseconds. 0 and empty text mean the default; what is above a limit becomes the limit, with a warning.",
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
                "description": "Up to 10. 0 is none, unless backoff_multiplier is 0 as well. Default: 3"
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
              "name": {"type": "string", "minLength": 1},
              "capabilities": {"$ref": "#/$defs/CapabilityOptions"}
            },
            "required": ["name"],
            "additionalProperties": false
          },
          "CapabilityOptions": {
            "type": "object",
            "description": "Default options of each kind of request. They are shown as they are: what looks like a secret is refused, and given in the options of each call.",
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

  private static final String SHOWN =
      """
      {
        "type": "object",
        "description": "An agent's configuration; each secret is shown as set, with a hint.",
        "properties": {
          "name": {"type": "string"},
          "system_prompt": {"type": "string"},
          "client": {"type": "object", "additionalProperties": true},
          "provider": {
            "type": "object",
            "description": "A provider of the agent's own.",
            "additionalProperties": true
          },
          "provider_id": {
            "type": "string", "format": "uuid", "description": "The registered provider it uses."
          },
          "model": {"type": "object", "additionalProperties": true}
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
        "An agent's configuration; at most %d bytes as JSON.".formatted(Agents.CONFIG_SIZE.most()));
    given
        .withObject("/$defs/ModelSettings/properties/name")
        .put("maxLength", AgentConfigParser.LONGEST_MODEL_NAME);
    ObjectNode inline = kinds.inputSchema();
    inline.put(
        "description",
        "A provider of the agent's own; at most %d bytes as JSON."
            .formatted(Agents.PROVIDER_SIZE.most()));
    ObjectNode definitions = (ObjectNode) given.get("$defs");
    definitions.setAll((ObjectNode) inline.remove("$defs"));
    definitions.set("InlineProviderConfig", inline);
    return Map.of(
        GivenAgentConfig.class, given, ShownAgentConfig.class, Json.MAPPER.readTree(SHOWN));
  }
}
