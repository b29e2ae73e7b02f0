package dev.agentlab.dialects;

import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// One canonical request for a chat as `BedrockConverse` takes it.
final class BedrockConverseRequest {
  private static final List<String> CONVERSE =
      List.of(
          "additionalModelResponseFieldPaths",
          "guardrailConfig",
          "performanceConfig",
          "promptVariables",
          "requestMetadata",
          "serviceTier");

  private static final Set<String> EFFORTS = Set.of("low", "medium", "high", "xhigh", "max");
  private static final String NO_RECORDS = "Bedrock keeps no such records; see requestMetadata";

  private final RequestMembers members;
  private final ObjectNode body = ChatSink.object();

  BedrockConverseRequest(RequestMembers members) {
    this.members = members;
  }

  /// @throws dev.agentlab.errors.InvalidInputException if it asks for what Bedrock cannot do
  ObjectNode json() {
    boolean usesTools = new BedrockConverseMessages(members).write(body);
    inference();
    output();
    tools(usesTools);
    refuseAndOmit();
    CONVERSE.forEach(name -> members.move(name, body, name));
    JsonNode given = members.object("additionalModelRequestFields");
    ObjectNode others = given instanceof ObjectNode own ? own.deepCopy() : ChatSink.object();
    members.moveRest(others);
    if (!others.isEmpty()) {
      body.set("additionalModelRequestFields", others);
    }
    return body;
  }

  private void inference() {
    ObjectNode inference = ChatSink.object();
    JsonNode most = ChatOptions.mostTokens(members);
    if (most.isNumber()) {
      inference.set("maxTokens", most);
    }
    members.move("temperature", inference, "temperature");
    members.move("top_p", inference, "topP");
    ArrayNode stops = ChatOptions.stops(members);
    if (!stops.isEmpty()) {
      inference.set("stopSequences", stops);
    }
    own("inferenceConfig", inference);
  }

  private void output() {
    ObjectNode output = ChatSink.object();
    JsonNode format = members.object("response_format");
    switch (format.path("type").stringValue("text")) {
      case "text" -> {}
      case "json_schema" -> {
        JsonNode given = format.path("json_schema");
        ObjectNode text = output.putObject("textFormat").put("type", "json_schema");
        ObjectNode schema = text.putObject("structure").putObject("jsonSchema");
        schema.put("schema", ChatOptions.schema(members, format).toString());
        given.path("name").stringValueOpt().ifPresent(name -> schema.put("name", name));
        given.path("description").stringValueOpt().ifPresent(it -> schema.put("description", it));
      }
      default ->
          throw members.fault(
              "response_format.type", "must be text or json_schema: Bedrock has no other");
    }
    members
        .text("reasoning_effort")
        .ifPresent(effort -> {
          if (!EFFORTS.contains(effort)) {
            throw members.fault("reasoning_effort", "must be low, medium, high, xhigh or max");
          }
          output.put("effort", effort);
        });
    own("outputConfig", output);
  }

  /// Adds what the caller says in Bedrock's own words, which counts.
  private void own(String name, ObjectNode json) {
    if (members.object(name) instanceof ObjectNode given) {
      json.setAll(given);
    }
    if (!json.isEmpty()) {
      body.set(name, json);
    }
  }

  /// @param used whether tools were called before, as Bedrock then insists on their description
  private void tools(boolean used) {
    JsonNode tools = members.list("tools");
    ArrayNode written = ChatSink.array();
    for (int i = 0; i < tools.size(); i++) {
      written.add(tool("tools[%d]".formatted(i), tools.path(i)));
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
        members.warn("tool_choice", "after a tool call Bedrock cannot be kept from another");
      }
      case "required" -> json.putObject("any");
      case "function" -> json.putObject("tool").put("name", ChatOptions.function(members, choice));
      default -> throw members.fault("tool_choice", "must be auto, none, required or a function");
    }
    if (written.isEmpty()) {
      return;
    }
    ObjectNode config = body.putObject("toolConfig");
    config.set("tools", written);
    if (!json.isEmpty()) {
      config.set("toolChoice", json);
    }
  }

  private JsonNode tool(String where, JsonNode tool) {
    if (members.within(where, tool).take("type").isMissingNode()) {
      return tool;
    }
    if (!tool.path("type").stringValue("").equals("function")) {
      throw members.fault(where + ".type", "must be function; Bedrock's own tools have no type");
    }
    RequestMembers function = members.within(where + ".function", tool.path("function"));
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
    function.omitRest("Bedrock has nothing like it");
    return json;
  }

  private void refuseAndOmit() {
    members.take("stream");
    members.take("stream_options");
    if (!members.number("n").asString("1").equals("1")) {
      throw members.fault("n", "must be 1: Bedrock gives one answer with each call");
    }
    members.refuse("logprobs", "cannot be given: Bedrock does not tell them");
    members.take("top_logprobs");
    members.refuse("logit_bias", "cannot be given: Bedrock does not weigh single tokens");
    members.refuse("functions", "is no longer in use: describe them in tools");
    members.refuse("function_call", "is no longer in use: write tool_choice");
    members.refuse("audio", "cannot be given: Bedrock does not speak");
    members.refuse("web_search_options", "cannot be given: add a systemTool to tools");
    JsonNode modalities = members.list("modalities");
    if (modalities.valueStream().anyMatch(it -> !it.stringValue("").equals("text"))) {
      throw members.fault("modalities", "must be [\"text\"]");
    }
    if (!members.flag("parallel_tool_calls", true)) {
      members.warn("parallel_tool_calls", "a model may call several tools at once");
    }
    members.omit("seed", "Bedrock takes none");
    members.omit("presence_penalty", "Bedrock takes none");
    members.omit("frequency_penalty", "Bedrock takes none");
    members.omit("verbosity", "Bedrock cannot be told how wordy to be");
    members.omit("prediction", "Bedrock takes no predicted output");
    members.omit("service_tier", "say it in serviceTier, with Bedrock's words");
    members.omit("prompt_cache_key", "Bedrock caches up to a cachePoint");
    members.omit("prompt_cache_retention", "Bedrock caches up to a cachePoint");
    members.omit("store", NO_RECORDS);
    members.omit("metadata", NO_RECORDS);
    members.omit("user", "Bedrock does not ask who uses it");
    members.omit("safety_identifier", "Bedrock does not ask who uses it");
  }
}
