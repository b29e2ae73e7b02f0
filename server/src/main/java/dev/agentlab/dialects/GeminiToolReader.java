package dev.agentlab.dialects;

import dev.agentlab.conversation.ChatTool;
import dev.agentlab.conversation.Extensions;
import dev.agentlab.conversation.Member;
import dev.agentlab.conversation.ToolChoice;
import dev.agentlab.errors.InvalidInputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Reads the tools of a client's request of the Gemini API.
final class GeminiToolReader {
  private static final String FUNCTIONS = "functionDeclarations";
  private static final String PARAMETERS = "parameters";
  private static final String JSON_PARAMETERS = "parametersJsonSchema";

  private GeminiToolReader() {}

  /// Reads the functions of all tools, and Google's own tools.
  ///
  /// @throws InvalidInputException if a tool is not valid; names the member
  static List<ChatTool> tools(RequestMemberReader request) {
    JsonNode list = request.list("tools");
    List<ChatTool> tools = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      String path = "tools[" + i + "]";
      RequestMemberReader tool = request.nested(path, list.path(i));
      JsonNode functions = tool.list(FUNCTIONS);
      for (int j = 0; j < functions.size(); j++) {
        String function = FUNCTIONS + "[" + j + "]";
        tools.add(function(tool.path(function), tool.nested(function, functions.path(j))));
      }
      tool.unread()
          .members()
          .forEachEntry((name, definition) -> {
            if (!definition.isNull()) {
              tools.add(new ChatTool.VendorTool(tool.path(name), Optional.of(name), definition));
            }
          });
    }
    return tools;
  }

  private static ChatTool function(String path, RequestMemberReader function) {
    String name = function.required("name");
    Optional<String> description = function.text("description");
    JsonNode ofGoogle = function.object(PARAMETERS);
    JsonNode ofJson = function.take(JSON_PARAMETERS);
    Optional<Member<JsonNode>> parameters =
        ofGoogle instanceof ObjectNode schema
            ? Optional.of(
                new Member<>(function.path(PARAMETERS), GeminiSchema.toJsonSchema(schema)))
            : Optional.of(ofJson)
                .filter(JsonNode::isObject)
                .map(schema -> new Member<>(function.path(JSON_PARAMETERS), schema));
    return new ChatTool.FunctionTool(
        path,
        name,
        description,
        parameters,
        Optional.empty(),
        new Extensions(Optional.empty(), function.unread()));
  }

  /// Reads which functions the model may or must call.
  ///
  /// @param config the members of `functionCallingConfig`
  static Optional<Member<ToolChoice>> choice(RequestMemberReader config) {
    Optional<String> mode = config.text("mode");
    List<String> names =
        config.list("allowedFunctionNames").valueStream().map(it -> it.asString("")).toList();
    ToolChoice choice =
        switch (mode.orElse("")) {
          case "NONE" -> new ToolChoice.NoTool();
          case "ANY" -> required(names);
          case "AUTO", "VALIDATED", "MODE_UNSPECIFIED", "" ->
              names.isEmpty()
                  ? new ToolChoice.AutomaticChoice()
                  : new ToolChoice.AllowedFunctions(false, names);
          default -> throw config.invalid("mode", "must be AUTO, ANY, NONE or VALIDATED");
        };
    return mode.isEmpty() && names.isEmpty()
        ? Optional.empty()
        : Optional.of(new Member<>(config.path("mode"), choice));
  }

  private static ToolChoice required(List<String> names) {
    return switch (names.size()) {
      case 0 -> new ToolChoice.AnyTool();
      case 1 -> new ToolChoice.NamedFunction(names.getFirst());
      default -> new ToolChoice.AllowedFunctions(true, names);
    };
  }
}
