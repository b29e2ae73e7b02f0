package dev.agentlab.dialects;

import dev.agentlab.conversation.ContentPart;
import dev.agentlab.conversation.ContentPart.TextPart;
import dev.agentlab.conversation.ContentPart.ToolCallPart;
import dev.agentlab.conversation.ContentPart.ToolResultPart;
import dev.agentlab.errors.InvalidInputException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.node.ObjectNode;

/// The arguments and results of tool calls, which a conversation carries as text.
final class ToolArguments {
  private ToolArguments() {}

  /// Parses the arguments of a call; an empty object for a blank text.
  ///
  /// @throws InvalidInputException if the text is not a JSON object
  static ObjectNode parse(ToolCallPart call) {
    String text = call.arguments().value();
    if (text.isBlank()) {
      return ProviderJson.object();
    }
    try {
      if (ProviderJson.MAPPER.readTree(text) instanceof ObjectNode object) {
        return object;
      }
    } catch (JacksonException e) {
      // Rejected below, like any other value.
    }
    throw new InvalidInputException(
        call.arguments().path(), "must be a string that contains a JSON object");
  }

  /// The text of a result.
  ///
  /// @throws InvalidInputException if the result has other content
  static String resultText(ToolResultPart result) {
    StringBuilder text = new StringBuilder();
    for (ContentPart part : result.content().value()) {
      if (!(part instanceof TextPart textPart)) {
        throw new InvalidInputException(
            result.content().path(), "must be a string or an array of parts of type text");
      }
      text.append(textPart.text());
    }
    return text.toString();
  }
}
