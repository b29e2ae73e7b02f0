package dev.agentlab.dialects;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What goes into a tool and what comes out, as canonical messages carry it: as text.
final class ToolArguments {
  private ToolArguments() {}

  /// The object that a member holds as text; an empty one for no text.
  ///
  /// @throws dev.agentlab.errors.InvalidInputException if it is none
  static ObjectNode object(RequestMembers members, String name) {
    String text = members.text(name).orElse("");
    if (text.isBlank()) {
      return ChatSink.object();
    }
    try {
      if (ProviderJson.MAPPER.readTree(text) instanceof ObjectNode object) {
        return object;
      }
    } catch (JacksonException e) {
      // The same as another value.
    }
    throw members.fault(name, "must be the text of a JSON object");
  }

  /// What a tool answered: text, or the texts of several parts.
  ///
  /// @throws dev.agentlab.errors.InvalidInputException if it is something else
  static String result(RequestMembers message) {
    JsonNode content = message.take("content");
    if (content.isString()) {
      return content.stringValue();
    }
    StringBuilder text = new StringBuilder();
    for (JsonNode part : content) {
      if (!part.path("text").isString()) {
        throw message.fault("content", "must be text or a list of parts of type text");
      }
      text.append(part.path("text").stringValue());
    }
    return text.toString();
  }
}
