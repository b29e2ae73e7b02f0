package dev.agentlab.dialects;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Where the pieces of a model's answer go, each in the form of OpenAI's `delta`.
sealed interface ChatSink permits ChatCompletionBuilder, ChatChunkWriter {

  /// A piece of a choice's message. A tool call in it has its `index`.
  void delta(int choice, ObjectNode delta);

  /// A member of the choice beside its message, such as `logprobs`.
  void member(int choice, String name, JsonNode value);

  /// The choice is whole.
  ///
  /// @param reason OpenAI's `finish_reason`
  void finish(int choice, String reason);

  default void text(int choice, String text) {
    delta(choice, object().put("content", text));
  }

  /// What the model thought before it answered.
  default void reasoning(int choice, String text) {
    delta(choice, object().put("reasoning_content", text));
  }

  /// Begins a tool call.
  ///
  /// @param index which of the choice's tool calls, from 0
  /// @param arguments their text, or its beginning
  default void toolCall(int choice, int index, String id, String name, String arguments) {
    ObjectNode call = object().put("index", index).put("id", id).put("type", "function");
    call.putObject("function").put("name", name).put("arguments", arguments);
    toolCall(choice, call);
  }

  /// Goes on with the arguments of a tool call.
  default void arguments(int choice, int index, String fragment) {
    ObjectNode call = object().put("index", index);
    call.putObject("function").put("arguments", fragment);
    toolCall(choice, call);
  }

  /// A tool call, or a part of one, with its `index`.
  default void toolCall(int choice, ObjectNode call) {
    ObjectNode delta = object();
    delta.putArray("tool_calls").add(call);
    delta(choice, delta);
  }

  /// An empty object.
  static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  /// An empty list.
  static ArrayNode array() {
    return JsonNodeFactory.instance.arrayNode();
  }
}
