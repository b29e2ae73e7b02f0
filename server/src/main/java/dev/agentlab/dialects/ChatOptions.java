package dev.agentlab.dialects;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/// The options of a canonical chat request that several dialects read in the same way.
final class ChatOptions {
  private ChatOptions() {}

  /// The maximum number of completion tokens; a missing node if it is not set.
  static JsonNode maxTokens(RequestMemberReader request) {
    JsonNode deprecated = request.number("max_tokens");
    JsonNode limit = request.number("max_completion_tokens");
    return limit.isNumber() ? limit : deprecated;
  }

  /// The stop sequences; empty if none are set.
  static ArrayNode stopSequences(RequestMemberReader request) {
    JsonNode stop = request.take("stop");
    ArrayNode stops = ChatSink.array();
    if (stop.isString()) {
      stops.add(stop);
    } else if (stop instanceof ArrayNode list && list.valueStream().allMatch(JsonNode::isString)) {
      stops.addAll(list);
    } else if (!stop.isMissingNode()) {
      throw request.invalid("stop", "must be a string or an array of strings");
    }
    return stops;
  }

  /// The JSON Schema of a `response_format` of type `json_schema`.
  static JsonNode schema(RequestMemberReader request, JsonNode format) {
    JsonNode schema = format.at("/json_schema/schema");
    if (!schema.isObject()) {
      throw request.invalid("response_format.json_schema.schema", "must be an object");
    }
    return schema;
  }

  /// The value or the type of a `tool_choice`; `auto` if it is not set.
  static String toolChoice(JsonNode choice) {
    return choice.isMissingNode()
        ? "auto"
        : choice.stringValue(choice.path("type").stringValue(""));
  }

  /// The name of the function that a `tool_choice` selects.
  static String functionName(RequestMemberReader request, JsonNode choice) {
    return choice
        .at("/function/name")
        .stringValueOpt()
        .orElseThrow(() -> request.invalid("tool_choice", "must name a function in function.name"));
  }
}
