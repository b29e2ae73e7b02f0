package dev.agentlab.dialects;

import dev.agentlab.conversation.ChatRequest;
import dev.agentlab.conversation.ChatTool;
import dev.agentlab.conversation.ChatTool.FunctionTool;
import dev.agentlab.conversation.ChatTool.VendorTool;
import dev.agentlab.conversation.Member;
import dev.agentlab.conversation.ToolChoice;
import dev.agentlab.errors.InvalidInputException;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Writes the tools of a request as those of the Messages API
/// (https://platform.claude.com/docs/en/agents-and-tools/tool-use/overview).
final class AnthropicToolWriter {
  private final ChatRequest request;
  private final TranslationWarnings warnings;

  AnthropicToolWriter(ChatRequest request, TranslationWarnings warnings) {
    this.request = request;
    this.warnings = warnings;
  }

  /// @param isParallel whether the model may call several tools at once
  /// @throws InvalidInputException if Anthropic does not support a tool
  void write(ObjectNode body, boolean isParallel) {
    ArrayNode tools = ProviderJson.array();
    request.tools().forEach(tool -> tools.add(tool(tool)));
    if (!tools.isEmpty()) {
      body.set("tools", tools);
    }
    ObjectNode choice = request.toolChoice().map(this::choice).orElseGet(ProviderJson::object);
    if (!isParallel && !tools.isEmpty() && !choice.path("type").stringValue("").equals("none")) {
      if (choice.isEmpty()) {
        choice.put("type", "auto");
      }
      choice.put("disable_parallel_tool_use", true);
    }
    if (!choice.isEmpty()) {
      body.set("tool_choice", choice);
    }
  }

  private JsonNode tool(ChatTool tool) {
    return switch (tool) {
      case VendorTool vendor -> {
        // OpenAI's tools with free text as input; Anthropic's own tools may also have this type.
        if (vendor.type().equals(Optional.of("custom")) && vendor.definition().has("custom")) {
          throw new InvalidInputException(
              vendor.path() + ".type",
              "must be function: Anthropic's tools accept only JSON input");
        }
        yield vendor.definition();
      }
      case FunctionTool function -> function(function);
    };
  }

  private ObjectNode function(FunctionTool function) {
    ObjectNode json = ProviderJson.object().put("name", function.name());
    function.description().ifPresent(text -> json.put("description", text));
    function
        .parameters()
        .ifPresentOrElse(
            schema -> json.set("input_schema", schema.value()),
            () -> json.putObject("input_schema").put("type", "object").putObject("properties"));
    function.strict().ifPresent(strict -> json.put("strict", strict.value()));
    function
        .extensions()
        .unread()
        .inner()
        .ifPresent(inner -> RequestMemberReader.of(inner, warnings).moveRest(json));
    function
        .extensions()
        .cacheMarker()
        .ifPresent(marker -> json.set("cache_control", marker.definition()));
    RequestMemberReader.of(function.extensions().unread(), warnings).moveRest(json);
    return json;
  }

  private ObjectNode choice(Member<ToolChoice> choice) {
    ObjectNode json = ProviderJson.object();
    return switch (choice.value()) {
      case ToolChoice.AutomaticChoice() -> json.put("type", "auto");
      case ToolChoice.NoTool() -> json.put("type", "none");
      case ToolChoice.AnyTool() -> json.put("type", "any");
      case ToolChoice.NamedFunction(String name) -> json.put("type", "tool").put("name", name);
      case ToolChoice.VendorChoice(JsonNode definition)
          when definition instanceof ObjectNode object
              && !object.path("type").stringValue("").equals("custom") ->
          object.deepCopy();
      case ToolChoice.VendorChoice _, ToolChoice.AllowedFunctions _ ->
          throw new InvalidInputException(
              choice.path(), "must be auto, none, required or a function");
    };
  }
}
