package dev.agentlab.agents.run;

import dev.agentlab.json.Json;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// The JSON Schemas of what models answer, which is passed on as it comes.
public final class AgentRunSchemas {
  private static final String COMPLETION =
      """
      {
        "type": "object",
        "description": "OpenAI's chat.completion, with whatever else the provider sends.",
        "properties": {
          "choices": {
            "type": "array",
            "items": {
              "type": "object",
              "properties": {
                "message": {"type": "object"},
                "finish_reason": {"type": ["string", "null"]}
              }
            }
          },
          "usage": {"type": ["object", "null"]}
        },
        "required": ["choices"]
      }
      """;

  private static final String CHUNK =
      """
      {
        "type": "object",
        "description": "OpenAI's chat.completion.chunk; after the last comes the data [DONE]. An event named error in its place has OpenAI's error object: then the answer is not whole.",
        "properties": {
          "error": {
            "type": "object",
            "properties": {
              "message": {"type": "string"},
              "type": {"type": "string"},
              "code": {"type": "string"},
              "upstream": {
                "type": "object",
                "description": "What the provider said, if it is the one that failed.",
                "properties": {
                  "status": {"type": "integer"},
                  "type": {"type": "string"},
                  "code": {"type": "string"},
                  "param": {"type": "string"}
                },
                "required": ["status"]
              }
            },
            "required": ["message", "type", "code"]
          }
        }
      }
      """;

  private static final String EMBEDDINGS =
      """
      {
        "type": "object",
        "description": "OpenAI's list of embeddings.",
        "properties": {"data": {"type": "array", "items": {"type": "object"}}},
        "required": ["data"]
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
        Json.MAPPER.readTree(EMBEDDINGS));
  }
}
