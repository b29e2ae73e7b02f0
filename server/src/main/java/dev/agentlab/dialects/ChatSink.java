package dev.agentlab.dialects;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Receives the parts of a completion, each in the format of OpenAI's `delta`.
sealed interface ChatSink permits ChatCompletionBuilder, ChatChunkWriter {

  /// Receives a part of a choice's message. A tool call in it has an `index`.
  void delta(int choice, ObjectNode delta);

  /// Receives a member of the choice other than its message, such as `logprobs`.
  void member(int choice, String name, JsonNode value);

  /// Ends a choice.
  ///
  /// @param reason OpenAI's `finish_reason`
  void finish(int choice, String reason);

  default void text(int choice, String text) {
    delta(choice, object().put("content", text));
  }

  /// Receives reasoning text that precedes the completion.
  default void reasoning(int choice, String text) {
    delta(choice, object().put("reasoning_content", text));
  }

  /// Starts a tool call.
  ///
  /// @param index the position among the tool calls of the choice, from 0
  /// @param arguments the arguments as a string, or their first fragment
  default void toolCall(int choice, int index, String id, String name, String arguments) {
    ObjectNode call = object().put("index", index).put("id", id).put("type", "function");
    call.putObject("function").put("name", name).put("arguments", arguments);
    toolCall(choice, call);
  }

  /// Appends a fragment to the arguments of a tool call.
  default void arguments(int choice, int index, String fragment) {
    ObjectNode call = object().put("index", index);
    call.putObject("function").put("arguments", fragment);
    toolCall(choice, call);
  }

  /// Receives a tool call or a part of one, with its `index`.
  default void toolCall(int choice, ObjectNode call) {
    ObjectNode delta = object();
    delta.putArray("tool_calls").add(call);
    delta(choice, delta);
  }

  /// Creates an empty object.
  static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  /// Creates an empty array.
  static ArrayNode array() {
    return JsonNodeFactory.instance.arrayNode();
  }
}
