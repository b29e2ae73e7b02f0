package dev.agentlab.dialects;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/// What a canonical request for a chat asks for, as far as dialects that translate read it alike.
final class ChatOptions {
  private ChatOptions() {}

  /// How many tokens an answer may have at most; missing if nothing is said.
  static JsonNode mostTokens(RequestMembers request) {
    JsonNode former = request.number("max_tokens");
    JsonNode limit = request.number("max_completion_tokens");
    return limit.isNumber() ? limit : former;
  }

  /// The texts that end an answer; none if nothing is said.
  static ArrayNode stops(RequestMembers request) {
    JsonNode stop = request.take("stop");
    ArrayNode stops = ChatSink.array();
    if (stop.isString()) {
      stops.add(stop);
    } else if (stop instanceof ArrayNode list && list.valueStream().allMatch(JsonNode::isString)) {
      stops.addAll(list);
    } else if (!stop.isMissingNode()) {
      throw request.fault("stop", "must be text or a list of texts");
    }
    return stops;
  }

  /// The JSON Schema within a `response_format` of that type.
  static JsonNode schema(RequestMembers request, JsonNode format) {
    JsonNode schema = format.at("/json_schema/schema");
    if (!schema.isObject()) {
      throw request.fault("response_format.json_schema.schema", "must be an object");
    }
    return schema;
  }

  /// What a `tool_choice` is, by its text or its type; `auto` if nothing is said.
  static String toolChoice(JsonNode choice) {
    return choice.isMissingNode()
        ? "auto"
        : choice.stringValue(choice.path("type").stringValue(""));
  }

  /// A function that a `tool_choice` names.
  static String function(RequestMembers request, JsonNode named) {
    return named
        .at("/function/name")
        .stringValueOpt()
        .orElseThrow(() -> request.fault("tool_choice", "must name a function in function.name"));
  }
}
