package dev.agentlab.dialects;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Translates the tools of a canonical request to those of the Messages API
/// (https://platform.claude.com/docs/en/agents-and-tools/tool-use/overview).
final class AnthropicTools {
  private static final String CHOICES_MESSAGE = "must be auto, none, required or a function";

  private final RequestMemberReader request;

  AnthropicTools(RequestMemberReader request) {
    this.request = request;
  }

  /// @throws dev.agentlab.errors.InvalidInputException if Anthropic does not support a tool
  void write(ObjectNode body) {
    JsonNode tools = request.take("tools");
    if (!tools.isMissingNode() && !tools.isArray()) {
      throw request.invalid("tools", "must be an array");
    }
    ArrayNode translated = ChatSink.array();
    for (int i = 0; i < tools.size(); i++) {
      translated.add(tool("tools[%d]".formatted(i), tools.path(i)));
    }
    if (!translated.isEmpty()) {
      body.set("tools", translated);
    }
    choice(body, !translated.isEmpty());
  }

  private JsonNode tool(String path, JsonNode original) {
    RequestMemberReader tool = request.nested(path, original);
    String type = tool.text("type").orElse("");
    if (type.equals("custom") && original.has("custom")) {
      throw tool.invalid("type", "must be function: Anthropic's tools accept only JSON input");
    }
    if (!type.equals("function")) {
      return original;
    }
    RequestMemberReader function = tool.nested("function", tool.take("function"));
    ObjectNode json = ChatSink.object().put("name", function.required("name"));
    function.move("description", json, "description");
    JsonNode parameters = function.take("parameters");
    if (parameters.isMissingNode()) {
      json.putObject("input_schema").put("type", "object").putObject("properties");
    } else {
      json.set("input_schema", parameters);
    }
    function.moveRest(json);
    tool.moveRest(json);
    return json;
  }

  private void choice(ObjectNode body, boolean hasTools) {
    JsonNode choice = request.take("tool_choice");
    JsonNode parallel = request.take("parallel_tool_calls");
    ObjectNode json = ChatSink.object();
    if (choice.isString()) {
      json.put(
          "type",
          switch (choice.stringValue()) {
            case "auto", "none" -> choice.stringValue();
            case "required" -> "any";
            default -> throw request.invalid("tool_choice", CHOICES_MESSAGE);
          });
    } else if (choice instanceof ObjectNode object) {
      json = named(object);
    } else if (!choice.isMissingNode()) {
      throw request.invalid("tool_choice", CHOICES_MESSAGE);
    }
    if (!parallel.isMissingNode() && !parallel.isBoolean()) {
      throw request.invalid("parallel_tool_calls", "must be a boolean");
    }
    boolean single = !parallel.booleanValue(true);
    if (single && hasTools && !json.path("type").stringValue("auto").equals("none")) {
      if (json.isEmpty()) {
        json.put("type", "auto");
      }
      json.put("disable_parallel_tool_use", true);
    }
    if (!json.isEmpty()) {
      body.set("tool_choice", json);
    }
  }

  private ObjectNode named(ObjectNode choice) {
    return switch (choice.path("type").stringValue("")) {
      case "function" ->
          ChatSink.object()
              .put("type", "tool")
              .put(
                  "name",
                  request.nested("tool_choice.function", choice.path("function")).required("name"));
      case "allowed_tools", "custom" -> throw request.invalid("tool_choice", CHOICES_MESSAGE);
      default -> choice.deepCopy();
    };
  }
}
