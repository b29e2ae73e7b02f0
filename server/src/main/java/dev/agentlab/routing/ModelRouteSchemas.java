package dev.agentlab.routing;

import dev.agentlab.json.Json;
import dev.agentlab.modelclient.FallbackCause;
import dev.agentlab.resources.ModelNames;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The JSON Schemas of model route configurations in requests and responses.
final class ModelRouteSchemas {
  private static final String CONFIG =
      """
      {
        "type": "object",
        "properties": {
          "targets": {
            "type": "array", "minItems": 1, "maxItems": 32, "items": {"$ref": "#/$defs/RouteTarget"}
          },
          "fallback_on": {
            "type": "array",
            "description": "The failures for which a call moves to another target, until the client has received content. An empty list means none. Default: all of them.",
            "items": {"type": "string"}
          },
          "first_content_timeout": {
            "type": ["string", "integer"],
            "description": "How long a call waits for the first content of a target, 100ms to 1h: a string such as 20s, or a number of nanoseconds. By default only the timeouts of providers and agents apply."
          },
          "affinity": {
            "type": "string", "enum": ["session", "none"],
            "description": "Whether the calls of one session of a client go to the same target while it is available. Default: session"
          },
          "parameters": {"$ref": "#/$defs/RouteParameters"}
        },
        "required": ["targets"],
        "additionalProperties": false,
        "$defs": {
          "RouteTarget": {
            "type": "object",
            "description": "A model of a registered provider, or an agent. A provider or agent is given by name or by id; both must denote the same one.",
            "properties": {
              "provider": {"type": "string", "description": "The name of a registered provider."},
              "provider_id": {"type": "string", "format": "uuid"},
              "model": {
                "type": "string", "minLength": 1,
                "description": "The provider's name of the model. Required with a provider, absent with an agent."
              },
              "agent": {"type": "string", "description": "The name of an agent."},
              "agent_id": {"type": "string", "format": "uuid"},
              "weight": {
                "type": "integer", "minimum": 1, "maximum": 10000,
                "description": "The share of calls among the targets of the same priority. Default: 1"
              },
              "priority": {
                "type": "integer", "minimum": 1, "maximum": 100,
                "description": "Targets with a lower priority are tried first. Default: 1"
              }
            },
            "additionalProperties": false
          },
          "RouteParameters": {
            "type": "object",
            "properties": {
              "defaults": {
                "type": "object",
                "description": "Members of a chat completion request that apply where the client sends none. They are stored and returned in plaintext, so values that look like secrets are rejected.",
                "additionalProperties": true
              },
              "limits": {
                "type": "object",
                "properties": {
                  "max_output_tokens": {
                    "type": "integer", "minimum": 1, "maximum": 10000000,
                    "description": "The limit of the tokens of a response."
                  }
                },
                "additionalProperties": false
              }
            },
            "additionalProperties": false
          }
        }
      }
      """;

  private ModelRouteSchemas() {}

  /// The schemas that are not derived from a record, by type.
  static Map<Class<?>, JsonNode> all() {
    return Map.of(
        ModelRouteConfigInput.class,
        schema(
            "A route's configuration; at most %d bytes as JSON."
                .formatted(ModelRoutes.CONFIG_SIZE.maxBytes())),
        ModelRouteConfig.class,
        schema(
            "A route's configuration with all defaults. Each target has the id and the present name"
                + " of its provider or agent; a deleted one has no name."));
  }

  private static ObjectNode schema(String description) {
    ObjectNode schema = Json.MAPPER.readTree(CONFIG).asObject();
    schema.put("description", description);
    ArrayNode causes = schema.withObject("/properties/fallback_on/items").putArray("enum");
    FallbackCause.texts().forEach(causes::add);
    schema
        .withObject("/$defs/RouteTarget/properties/model")
        .put("maxLength", ModelNames.MAX_LENGTH);
    return schema;
  }
}
