package dev.agentlab.dialects;

import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Translates a canonical chat request to a `Converse` request.
final class BedrockConverseRequest {
  private static final List<String> CONVERSE_MEMBERS =
      List.of(
          "additionalModelResponseFieldPaths",
          "guardrailConfig",
          "performanceConfig",
          "promptVariables",
          "requestMetadata",
          "serviceTier");

  private static final Set<String> EFFORTS = Set.of("low", "medium", "high", "xhigh", "max");
  private static final String NOT_STORED = "Bedrock stores no such data; see requestMetadata";

  private final RequestMemberReader members;
  private final ObjectNode body = ChatSink.object();

  BedrockConverseRequest(RequestMemberReader members) {
    this.members = members;
  }

  /// @throws dev.agentlab.errors.InvalidInputException if the request uses a feature that Bedrock
  ///   does not support
  ObjectNode json() {
    boolean usesTools = new BedrockConverseMessages(members).write(body);
    inference();
    output();
    tools(usesTools);
    rejectOrIgnoreUnsupported();
    CONVERSE_MEMBERS.forEach(name -> members.move(name, body, name));
    JsonNode additional = members.object("additionalModelRequestFields");
    ObjectNode fields =
        additional instanceof ObjectNode original ? original.deepCopy() : ChatSink.object();
    members.moveRest(fields);
    if (!fields.isEmpty()) {
      body.set("additionalModelRequestFields", fields);
    }
    return body;
  }

  private void inference() {
    ObjectNode inference = ChatSink.object();
    JsonNode maxTokens = ChatOptions.maxTokens(members);
    if (maxTokens.isNumber()) {
      inference.set("maxTokens", maxTokens);
    }
    members.move("temperature", inference, "temperature");
    members.move("top_p", inference, "topP");
    ArrayNode stops = ChatOptions.stopSequences(members);
    if (!stops.isEmpty()) {
      inference.set("stopSequences", stops);
    }
    putWithOverrides("inferenceConfig", inference);
  }

  private void output() {
    ObjectNode output = ChatSink.object();
    JsonNode format = members.object("response_format");
    switch (format.path("type").stringValue("text")) {
      case "text" -> {}
      case "json_schema" -> {
        JsonNode jsonSchema = format.path("json_schema");
        ObjectNode text = output.putObject("textFormat").put("type", "json_schema");
        ObjectNode schema = text.putObject("structure").putObject("jsonSchema");
        schema.put("schema", ChatOptions.schema(members, format).toString());
        jsonSchema.path("name").stringValueOpt().ifPresent(name -> schema.put("name", name));
        jsonSchema
            .path("description")
            .stringValueOpt()
            .ifPresent(it -> schema.put("description", it));
      }
      default ->
          throw members.invalid(
              "response_format.type",
              "must be text or json_schema: Bedrock supports no other format");
    }
    members
        .text("reasoning_effort")
        .ifPresent(effort -> {
          if (!EFFORTS.contains(effort)) {
            throw members.invalid("reasoning_effort", "must be low, medium, high, xhigh or max");
          }
          output.put("effort", effort);
        });
    putWithOverrides("outputConfig", output);
  }

  /// Adds the Bedrock-specific object that the caller sent under this name, whose members take
  /// precedence.
  private void putWithOverrides(String name, ObjectNode json) {
    if (members.object(name) instanceof ObjectNode overrides) {
      json.setAll(overrides);
    }
    if (!json.isEmpty()) {
      body.set(name, json);
    }
  }

  /// @param used whether the messages have tool calls or tool results; Bedrock then requires tool
  ///   definitions
  private void tools(boolean used) {
    JsonNode tools = members.list("tools");
    ArrayNode translated = ChatSink.array();
    for (int i = 0; i < tools.size(); i++) {
      translated.add(tool("tools[%d]".formatted(i), tools.path(i)));
    }
    JsonNode choice = members.take("tool_choice");
    ObjectNode json = ChatSink.object();
    switch (ChatOptions.toolChoice(choice)) {
      case "auto" -> {
        if (!choice.isMissingNode()) {
          json.putObject("auto");
        }
      }
      case "none" -> {
        if (!used) {
          return;
        }
        members.warnIgnored(
            "tool_choice", "Bedrock cannot prevent tool calls after an earlier tool call");
      }
      case "required" -> json.putObject("any");
      case "function" ->
          json.putObject("tool").put("name", ChatOptions.functionName(members, choice));
      default -> throw members.invalid("tool_choice", "must be auto, none, required or a function");
    }
    if (translated.isEmpty()) {
      return;
    }
    ObjectNode config = body.putObject("toolConfig");
    config.set("tools", translated);
    if (!json.isEmpty()) {
      config.set("toolChoice", json);
    }
  }

  private JsonNode tool(String path, JsonNode tool) {
    if (members.nested(path, tool).take("type").isMissingNode()) {
      return tool;
    }
    if (!tool.path("type").stringValue("").equals("function")) {
      throw members.invalid(path + ".type", "must be function: Bedrock's own tools have no type");
    }
    RequestMemberReader function = members.nested(path + ".function", tool.path("function"));
    ObjectNode json = ChatSink.object();
    ObjectNode spec = json.putObject("toolSpec").put("name", function.required("name"));
    function
        .text("description")
        .filter(text -> !text.isEmpty())
        .ifPresent(text -> spec.put("description", text));
    JsonNode schema = function.object("parameters");
    ObjectNode input = spec.putObject("inputSchema");
    if (schema.isObject()) {
      input.set("json", schema);
    } else {
      input.putObject("json").put("type", "object").putObject("properties");
    }
    function.move("strict", spec, "strict");
    function.ignoreRest("Bedrock has no equivalent");
    return json;
  }

  private void rejectOrIgnoreUnsupported() {
    members.take("stream");
    members.take("stream_options");
    if (!members.number("n").asString("1").equals("1")) {
      throw members.invalid("n", "must be 1: Bedrock returns one choice per request");
    }
    members.reject("logprobs", "is not supported: Bedrock does not return probabilities");
    members.take("top_logprobs");
    members.reject("logit_bias", "is not supported: Bedrock cannot bias tokens");
    members.reject("functions", "is deprecated and not supported: use tools");
    members.reject("function_call", "is deprecated and not supported: use tool_choice");
    members.reject("audio", "is not supported: Bedrock does not return audio");
    members.reject("web_search_options", "is not supported: add a systemTool to tools");
    JsonNode modalities = members.list("modalities");
    if (modalities.valueStream().anyMatch(it -> !it.stringValue("").equals("text"))) {
      throw members.invalid("modalities", "must be [\"text\"]");
    }
    if (!members.flag("parallel_tool_calls", true)) {
      members.warnIgnored("parallel_tool_calls", "a model may call several tools at once");
    }
    members.ignore("seed", "Bedrock does not support it");
    members.ignore("presence_penalty", "Bedrock does not support it");
    members.ignore("frequency_penalty", "Bedrock does not support it");
    members.ignore("verbosity", "Bedrock has no verbosity setting");
    members.ignore("prediction", "Bedrock does not accept predicted output");
    members.ignore("service_tier", "use serviceTier with Bedrock's values");
    members.ignore("prompt_cache_key", "use a cachePoint to mark what to cache");
    members.ignore("prompt_cache_retention", "use a cachePoint to mark what to cache");
    members.ignore("store", NOT_STORED);
    members.ignore("metadata", NOT_STORED);
    members.ignore("user", "Bedrock does not accept a user identifier");
    members.ignore("safety_identifier", "Bedrock does not accept a user identifier");
  }
}
