package dev.agentlab.dialects;

import dev.agentlab.conversation.ContentPart.ToolCallPart;
import dev.agentlab.conversation.ContentPart.ToolResultPart;
import dev.agentlab.errors.InvalidInputException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.util.RawValue;

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

  /// Writes arguments that a model gave. What is not an object, for example because a limit on the
  /// number of tokens cut it, becomes `{"INVALID_JSON": "<arguments>"}`, the form that Anthropic's
  /// documentation recommends for such a text
  /// (https://platform.claude.com/docs/en/agents-and-tools/tool-use/fine-grained-tool-streaming).
  static void write(String arguments, ObjectNode json, String member) {
    if (isObject(arguments)) {
      // Not a tree: the text of a few characters may have thousands of values.
      json.putRawValue(member, new RawValue(arguments));
    } else if (arguments.isBlank()) {
      json.putObject(member);
    } else {
      json.putObject(member).put("INVALID_JSON", arguments);
    }
  }

  private static boolean isObject(String json) {
    try (JsonParser parser = ProviderJson.MAPPER.createParser(json)) {
      return parser.nextToken() == JsonToken.START_OBJECT
          && parser.skipChildren().currentToken() == JsonToken.END_OBJECT
          && parser.nextToken() == null;
    } catch (JacksonException e) {
      return false;
    }
  }

  /// The error for a result with content that the provider does not support.
  static InvalidInputException unsupportedResult(ToolResultPart result) {
    return new InvalidInputException(
        result.content().path(), "must be text, images or documents, or several of these");
  }
}
