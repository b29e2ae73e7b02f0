package dev.agentlab.agents.run;

import dev.agentlab.json.Json;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The JSON Schemas of what is passed on to models and from them as it comes.
public final class AgentRunSchemas {
  private static final String TOOL_CALL =
      """
      {
        "type": "object",
        "properties": {
          "id": {"type": "string"},
          "type": {"type": "string"},
          "function": {
            "type": "object",
            "properties": {
              "name": {"type": "string"},
              "arguments": {"type": "string", "description": "JSON, as text."}
            },
            "additionalProperties": true
          }
        },
        "additionalProperties": true
      }
      """;

  private static final String TOKEN_USAGE =
      """
      {
        "type": "object",
        "properties": {
          "prompt_tokens": {"type": "integer"},
          "completion_tokens": {"type": "integer"},
          "total_tokens": {"type": "integer"}
        },
        "additionalProperties": true
      }
      """;

  private static final String COMPLETION =
      """
      {
        "type": "object",
        "description": "OpenAI's chat.completion, with whatever else the provider sends.",
        "properties": {
          "id": {"type": "string"},
          "model": {"type": "string"},
          "choices": {"type": "array", "items": {"$ref": "#/$defs/ChatChoice"}},
          "usage": {"anyOf": [{"$ref": "#/$defs/TokenUsage"}, {"type": "null"}]}
        },
        "required": ["choices"],
        "additionalProperties": true,
        "$defs": {
          "ChatChoice": {
            "type": "object",
            "properties": {
              "index": {"type": "integer"},
              "message": {"$ref": "#/$defs/ChatAnswer"},
              "finish_reason": {"type": ["string", "null"]}
            },
            "additionalProperties": true
          },
          "ChatAnswer": {
            "type": "object",
            "properties": {
              "role": {"type": "string"},
              "content": {"type": ["string", "null"]},
              "reasoning_content": {"type": ["string", "null"]},
              "tool_calls": {
                "type": ["array", "null"], "items": {"$ref": "#/$defs/ToolCall"}
              }
            },
            "additionalProperties": true
          },
          "ToolCall": TOOL_CALL,
          "TokenUsage": TOKEN_USAGE
        }
      }
      """
          .replace("TOOL_CALL", TOOL_CALL)
          .replace("TOKEN_USAGE", TOKEN_USAGE);

  private static final String CHUNK =
      """
      {
        "type": "object",
        "description": "OpenAI's chat.completion.chunk; after the last comes the data [DONE]. An event named error in its place has OpenAI's error object: then the answer is not whole.",
        "properties": {
          "id": {"type": "string"},
          "model": {"type": "string"},
          "choices": {"type": "array", "items": {"$ref": "#/$defs/ChatChunkChoice"}},
          "usage": {"anyOf": [{"$ref": "#/$defs/TokenUsage"}, {"type": "null"}]},
          "error": {"$ref": "#/$defs/StreamError"}
        },
        "additionalProperties": true,
        "$defs": {
          "ChatChunkChoice": {
            "type": "object",
            "properties": {
              "index": {"type": "integer"},
              "delta": {"$ref": "#/$defs/ChatDelta"},
              "finish_reason": {"type": ["string", "null"]}
            },
            "additionalProperties": true
          },
          "ChatDelta": {
            "type": "object",
            "properties": {
              "role": {"type": "string"},
              "content": {"type": ["string", "null"]},
              "reasoning_content": {"type": ["string", "null"]},
              "tool_calls": {
                "type": ["array", "null"], "items": {"type": "object", "additionalProperties": true}
              }
            },
            "additionalProperties": true
          },
          "StreamError": {
            "type": "object",
            "properties": {
              "message": {"type": "string"},
              "type": {"type": "string"},
              "code": {"type": "string"},
              "upstream": {"$ref": "#/$defs/StreamErrorUpstream"}
            },
            "required": ["message", "type", "code"],
            "additionalProperties": true
          },
          "StreamErrorUpstream": {
            "type": "object",
            "description": "What the provider said, if it is the one that failed.",
            "properties": {
              "status": {"type": "integer"},
              "type": {"type": "string"},
              "code": {"type": "string"},
              "param": {"type": "string"}
            },
            "required": ["status"],
            "additionalProperties": true
          },
          "TokenUsage": TOKEN_USAGE
        }
      }
      """
          .replace("TOKEN_USAGE", TOKEN_USAGE);

  private static final String EMBEDDINGS =
      """
      {
        "type": "object",
        "description": "OpenAI's list of embeddings.",
        "properties": {
          "data": {"type": "array", "items": {"$ref": "#/$defs/Embedding"}},
          "model": {"type": "string"},
          "usage": {"anyOf": [{"$ref": "#/$defs/TokenUsage"}, {"type": "null"}]}
        },
        "required": ["data"],
        "additionalProperties": true,
        "$defs": {
          "Embedding": {
            "type": "object",
            "properties": {
              "index": {"type": "integer"},
              "embedding": {
                "description": "The vector; text in base64 if encoding_format asks for it.",
                "anyOf": [{"type": "array", "items": {"type": "number"}}, {"type": "string"}]
              }
            },
            "additionalProperties": true
          },
          "TokenUsage": TOKEN_USAGE
        }
      }
      """
          .replace("TOKEN_USAGE", TOKEN_USAGE);

  /// Either OpenAI's form or the function alone.
  private static final String TOOL =
      """
      {
        "type": "object",
        "description": "A function the model may call: `{name, description, parameters}`, or as OpenAI has it, with those below `function`.",
        "properties": {
          "type": {"type": "string"},
          "function": {"type": "object", "additionalProperties": true},
          "name": {"type": "string"},
          "description": {"type": "string"},
          "parameters": {
            "type": "object",
            "description": "The JSON Schema of the arguments.",
            "additionalProperties": true
          }
        },
        "if": {"properties": {"function": true}, "required": ["function"]},
        "else": {"required": ["name"], "properties": {"name": {"minLength": 1}}},
        "additionalProperties": true
      }
      """;

  private static final String EMBEDDINGS_INPUT =
      """
      {
        "description": "A text, or a list of texts.",
        "anyOf": [
          {"type": "string"},
          {"type": "array", "items": {"type": "string"}, "minItems": 1}
        ]
      }
      """;

  private static final String CONTENT_PART =
      """
      {
        "type": "object",
        "description": "A part of a message, such as text or an image, as OpenAI has it.",
        "properties": {
          "type": {"type": "string"},
          "text": {"type": "string"},
          "image_url": {"type": "object", "additionalProperties": true}
        },
        "additionalProperties": true
      }
      """;

  private AgentRunSchemas() {}

  /// The schema of each type that brings its own.
  public static Map<Class<?>, JsonNode> all() {
    return Map.of(
        ChatCompletion.class,
        Json.MAPPER.readTree(COMPLETION),
        ChatCompletionChunk.class,
        Json.MAPPER.readTree(CHUNK),
        EmbeddingList.class,
        Json.MAPPER.readTree(EMBEDDINGS),
        ChatMessage.class,
        message(),
        ToolDefinition.class,
        Json.MAPPER.readTree(TOOL),
        EmbeddingsInput.class,
        Json.MAPPER.readTree(EMBEDDINGS_INPUT));
  }

  /// One schema for each role, named after it (`UserMessage`).
  private static ObjectNode message() {
    ObjectNode schema = Json.MAPPER.createObjectNode();
    schema.put("description", "A message of a conversation as OpenAI's chat completions take it.");
    ArrayNode choices = schema.putArray("oneOf");
    ObjectNode discriminator = schema.putObject("discriminator").put("propertyName", "role");
    ObjectNode mapping = discriminator.putObject("mapping");
    ObjectNode definitions = schema.putObject("$defs");
    definitions.set("ContentPart", Json.MAPPER.readTree(CONTENT_PART));
    definitions.set("ToolCall", Json.MAPPER.readTree(TOOL_CALL));
    for (String role : ModelRequestBuilder.ROLES) {
      String name = Character.toUpperCase(role.charAt(0)) + role.substring(1) + "Message";
      definitions.set(name, message(role));
      choices.addObject().put("$ref", "#/$defs/" + name);
      mapping.put(role, "#/$defs/" + name);
    }
    return schema;
  }

  private static ObjectNode message(String role) {
    ObjectNode schema = Json.MAPPER.createObjectNode().put("type", "object");
    ObjectNode members = schema.putObject("properties");
    members.putObject("role").put("type", "string").put("const", role);
    ArrayNode content = members.putObject("content").putArray("anyOf");
    content.addObject().put("type", "string");
    content.addObject().put("type", "array").putObject("items").put("$ref", "#/$defs/ContentPart");
    content.addObject().put("type", "null");
    switch (role) {
      case "assistant" ->
          members
              .putObject("tool_calls")
              .put("type", "array")
              .putObject("items")
              .put("$ref", "#/$defs/ToolCall");
      case "tool" -> members.putObject("tool_call_id").put("type", "string");
      default -> members.putObject("name").put("type", "string");
    }
    schema.putArray("required").add("role");
    return schema.put("additionalProperties", true);
  }
}
