package dev.agentlab.agents.run;

import dev.agentlab.json.Json;
import dev.agentlab.json.SchemaName;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The JSON Schemas of the parts of model requests and responses that are passed through.
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
              "arguments": {"type": "string", "description": "JSON encoded as a string."}
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
        "description": "OpenAI's chat.completion, with any other members that the provider sends.",
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
        "description": "OpenAI's chat.completion.chunk. The data [DONE] follows the last one. An event named error with OpenAI's error object in its place means that the response is incomplete.",
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
            "description": "The provider's error, if the provider failed.",
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
                "description": "The vector; a base64 string if encoding_format is base64.",
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

  /// OpenAI's tool object, or the function alone.
  private static final String TOOL =
      """
      {
        "type": "object",
        "description": "A function that the model may call: `{name, description, parameters}`, or OpenAI's tool object with these members in `function`.",
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
        "description": "A string, or an array of strings.",
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
        "description": "OpenAI's content part of a message, such as text or an image.",
        "properties": {
          "type": {"type": "string"},
          "text": {"type": "string"},
          "image_url": {"type": "object", "additionalProperties": true}
        },
        "additionalProperties": true
      }
      """;

  private AgentRunSchemas() {}

  /// OpenAI's `chat.completion`. Like the types below, it names a schema and has no instances,
  /// because its JSON is passed through.
  @SchemaName("ChatCompletion")
  interface ChatCompletion {}

  /// OpenAI's `chat.completion.chunk`.
  @SchemaName("ChatCompletionChunk")
  interface ChatCompletionChunk {}

  /// A message of a conversation.
  @SchemaName("ChatMessage")
  interface ChatMessage {}

  /// OpenAI's list of embeddings.
  @SchemaName("EmbeddingList")
  interface EmbeddingList {}

  /// The input of an embeddings request.
  @SchemaName("EmbeddingsInput")
  interface EmbeddingsInput {}

  /// A function that a model may call.
  @SchemaName("ToolDefinition")
  interface ToolDefinition {}

  /// The schemas that are not derived from a record, by type.
  public static Map<Class<?>, JsonNode> all() {
    return Map.of(
        ChatCompletion.class,
        Json.MAPPER.readTree(COMPLETION),
        ChatCompletionChunk.class,
        Json.MAPPER.readTree(CHUNK),
        EmbeddingList.class,
        Json.MAPPER.readTree(EMBEDDINGS),
        ChatMessage.class,
        messageSchema(),
        ToolDefinition.class,
        Json.MAPPER.readTree(TOOL),
        EmbeddingsInput.class,
        Json.MAPPER.readTree(EMBEDDINGS_INPUT));
  }

  /// One schema per role, named after the role (`UserMessage`).
  private static ObjectNode messageSchema() {
    ObjectNode schema = Json.MAPPER.createObjectNode();
    schema.put(
        "description", "A message of a conversation, in the format of OpenAI's chat completions.");
    ArrayNode choices = schema.putArray("oneOf");
    ObjectNode discriminator = schema.putObject("discriminator").put("propertyName", "role");
    ObjectNode mapping = discriminator.putObject("mapping");
    ObjectNode definitions = schema.putObject("$defs");
    definitions.set("ContentPart", Json.MAPPER.readTree(CONTENT_PART));
    definitions.set("ToolCall", Json.MAPPER.readTree(TOOL_CALL));
    for (String role : ModelRequestBuilder.ROLES) {
      String name = Character.toUpperCase(role.charAt(0)) + role.substring(1) + "Message";
      definitions.set(name, messageSchema(role));
      choices.addObject().put("$ref", "#/$defs/" + name);
      mapping.put(role, "#/$defs/" + name);
    }
    return schema;
  }

  private static ObjectNode messageSchema(String role) {
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
