package dev.agentlab.dialects;

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

  /// The error for a result with content that the provider does not support.
  static InvalidInputException unsupportedResult(ToolResultPart result) {
    return new InvalidInputException(
        result.content().path(), "must be text, images or documents, or several of these");
  }
}
