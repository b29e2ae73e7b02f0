package dev.agentlab.dialects;

import java.time.Instant;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Assembles the parts of a completion into an OpenAI `chat.completion`.
final class ChatCompletionBuilder implements ChatSink {
  private final SortedMap<Integer, ObjectNode> choices = new TreeMap<>();

  @Override
  public void delta(int choice, ObjectNode delta) {
    ObjectNode message = (ObjectNode) choice(choice).path("message");
    delta.forEachEntry((name, value) -> {
      if (name.equals("tool_calls")) {
        value.forEach(call -> add((ObjectNode) call, message.withArrayProperty(name)));
      } else if (value.isString() && message.path(name).isString()) {
        message.put(name, message.path(name).stringValue() + value.stringValue());
      } else if (value instanceof ObjectNode source
          && message.get(name) instanceof ObjectNode target) {
        merge(source, target);
      } else {
        message.set(name, value);
      }
    });
  }

  private static void add(ObjectNode call, ArrayNode calls) {
    int index = call.path("index").intValue();
    if (index < calls.size()) {
      ObjectNode function = (ObjectNode) calls.path(index).path("function");
      String arguments = call.at("/function/arguments").stringValue("");
      function.put("arguments", function.path("arguments").stringValue("") + arguments);
    } else {
      calls.add(call.without("index"));
    }
  }

  private static void merge(ObjectNode source, ObjectNode target) {
    source.forEachEntry((name, value) -> {
      if (value instanceof ObjectNode inner && target.get(name) instanceof ObjectNode other) {
        merge(inner, other);
      } else if (value instanceof ArrayNode list && target.get(name) instanceof ArrayNode other) {
        other.addAll(list);
      } else {
        target.set(name, value);
      }
    });
  }

  @Override
  public void member(int choice, String name, JsonNode value) {
    choice(choice).set(name, value);
  }

  @Override
  public void finish(int choice, String reason) {
    choice(choice).put("finish_reason", reason);
  }

  private ObjectNode choice(int index) {
    return choices.computeIfAbsent(
        index,
        _ -> {
          ObjectNode choice = ChatSink.object().put("index", index);
          choice.putObject("message").put("role", "assistant").putNull("content");
          return choice.putNull("finish_reason");
        });
  }

  /// Builds the completion.
  ///
  /// @param model the model that produced it
  ObjectNode build(String id, String model, Instant at, JsonNode usage) {
    ObjectNode json = ChatSink.object().put("id", id).put("object", "chat.completion");
    json.put("created", at.getEpochSecond()).put("model", model);
    json.putArray("choices").addAll(choices.values());
    if (usage.isObject()) {
      json.set("usage", usage);
    }
    return json;
  }
}
