package dev.agentlab.dialects;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The tools of one canonical request as the Messages API takes them
/// (https://platform.claude.com/docs/en/agents-and-tools/tool-use/overview).
final class AnthropicTools {
  private static final String CHOICES = "must be auto, none, required or a function";

  private final RequestMembers request;

  AnthropicTools(RequestMembers request) {
    this.request = request;
  }

  /// @throws dev.agentlab.errors.InvalidInputException if Anthropic has nothing like a tool
  void write(ObjectNode body) {
    JsonNode tools = request.take("tools");
    if (!tools.isMissingNode() && !tools.isArray()) {
      throw request.fault("tools", "must be a list");
    }
    ArrayNode written = ChatSink.array();
    for (int i = 0; i < tools.size(); i++) {
      written.add(tool("tools[%d]".formatted(i), tools.path(i)));
    }
    if (!written.isEmpty()) {
      body.set("tools", written);
    }
    choice(body, !written.isEmpty());
  }

  private JsonNode tool(String where, JsonNode given) {
    RequestMembers tool = request.within(where, given);
    String type = tool.text("type").orElse("");
    if (type.equals("custom") && given.has("custom")) {
      throw tool.fault("type", "must be function: Anthropic's tools take JSON");
    }
    if (!type.equals("function")) {
      return given;
    }
    RequestMembers function = tool.within("function", tool.take("function"));
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

  private void choice(ObjectNode body, boolean anyTool) {
    JsonNode choice = request.take("tool_choice");
    JsonNode parallel = request.take("parallel_tool_calls");
    ObjectNode json = ChatSink.object();
    if (choice.isString()) {
      json.put(
          "type",
          switch (choice.stringValue()) {
            case "auto", "none" -> choice.stringValue();
            case "required" -> "any";
            default -> throw request.fault("tool_choice", CHOICES);
          });
    } else if (choice instanceof ObjectNode object) {
      json = named(object);
    } else if (!choice.isMissingNode()) {
      throw request.fault("tool_choice", CHOICES);
    }
    if (!parallel.isMissingNode() && !parallel.isBoolean()) {
      throw request.fault("parallel_tool_calls", "must be true or false");
    }
    boolean single = !parallel.booleanValue(true);
    if (single && anyTool && !json.path("type").stringValue("auto").equals("none")) {
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
                  request.within("tool_choice.function", choice.path("function")).required("name"));
      case "allowed_tools", "custom" -> throw request.fault("tool_choice", CHOICES);
      default -> choice.deepCopy();
    };
  }
}
