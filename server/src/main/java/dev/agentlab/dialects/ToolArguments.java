package dev.agentlab.dialects;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The arguments and results of tools, which canonical messages carry as strings.
final class ToolArguments {
  private ToolArguments() {}

  /// Parses the JSON object that a string member contains; an empty object for a blank or absent
  /// string.
  ///
  /// @throws dev.agentlab.errors.InvalidInputException if the string does not contain a JSON object
  static ObjectNode parse(RequestMemberReader members, String name) {
    String text = members.text(name).orElse("");
    if (text.isBlank()) {
      return ChatSink.object();
    }
    try {
      if (ProviderJson.MAPPER.readTree(text) instanceof ObjectNode object) {
        return object;
      }
    } catch (JacksonException e) {
      // Rejected below, like any other value.
    }
    throw members.invalid(name, "must be a string that contains a JSON object");
  }

  /// The result of a tool call: the content string, or the concatenated text of its parts.
  ///
  /// @throws dev.agentlab.errors.InvalidInputException if the content is neither a string nor an
  ///   array of text parts
  static String resultText(RequestMemberReader message) {
    JsonNode content = message.take("content");
    if (content.isString()) {
      return content.stringValue();
    }
    StringBuilder text = new StringBuilder();
    for (JsonNode part : content) {
      if (!part.path("text").isString()) {
        throw message.invalid("content", "must be a string or an array of parts of type text");
      }
      text.append(part.path("text").stringValue());
    }
    return text.toString();
  }
}
