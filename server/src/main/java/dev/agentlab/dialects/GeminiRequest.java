package dev.agentlab.dialects;

import com.google.re2j.Pattern;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Translates a canonical chat request to a `generateContent` request.
final class GeminiRequest {
  /// The thinking budgets in tokens for each effort, as in Google's own OpenAI-compatible API
  /// (https://ai.google.dev/gemini-api/docs/openai#thinking).
  private static final Map<String, Integer> THINKING_BUDGETS =
      Map.of("none", 0, "minimal", 1_024, "low", 1_024, "medium", 8_192, "high", 24_576);

  /// Models whose thinking is configured with a token budget; later models have a thinking level.
  private static final Pattern THINKING_BUDGET_MODELS = Pattern.compile("(.*/)?gemini-[12][.-].*");

  private static final String NOT_STORED = "the Gemini API stores no such data";

  private final RequestMemberReader members;
  private final String model;
  private final ObjectNode body = ChatSink.object();
  private final ObjectNode generation = ChatSink.object();

  GeminiRequest(RequestMemberReader members, String model) {
    this.members = members;
    this.model = model;
  }

  /// @throws dev.agentlab.errors.InvalidInputException if the request uses a feature that Gemini
  ///   does not support
  ObjectNode json() {
    new GeminiMessages(members, model).write(body);
    generation();
    tools();
    rejectOrIgnoreUnsupported();
    if (members.object("generationConfig") instanceof ObjectNode config) {
      generation.setAll(config);
    }
    if (!generation.isEmpty()) {
      body.set("generationConfig", generation);
    }
    members.moveRest(body);
    return body;
  }

  private void generation() {
    members.move("temperature", generation, "temperature");
    members.move("top_p", generation, "topP");
    members.move("top_k", generation, "topK");
    members.move("n", generation, "candidateCount");
    members.move("seed", generation, "seed");
    members.move("presence_penalty", generation, "presencePenalty");
    members.move("frequency_penalty", generation, "frequencyPenalty");
    members.move("logprobs", generation, "responseLogprobs");
    if (members.peek("top_logprobs").intValue(1) == 0) {
      members.take("top_logprobs");
    }
    members.move("top_logprobs", generation, "logprobs");
    JsonNode maxTokens = ChatOptions.maxTokens(members);
    if (maxTokens.isNumber()) {
      generation.set("maxOutputTokens", maxTokens);
    }
    ArrayNode stops = ChatOptions.stopSequences(members);
    if (!stops.isEmpty()) {
      generation.set("stopSequences", stops);
    }
    members.text("reasoning_effort").ifPresent(this::writeThinking);
    JsonNode format = members.object("response_format");
    switch (format.path("type").stringValue("text")) {
      case "text" -> {}
      case "json_object" -> generation.put("responseMimeType", "application/json");
      case "json_schema" -> {
        generation.put("responseMimeType", "application/json");
        generation.set("responseJsonSchema", ChatOptions.schema(members, format));
      }
      default ->
          throw members.invalid("response_format.type", "must be text, json_object or json_schema");
    }
  }

  private void writeThinking(String effort) {
    if (!THINKING_BUDGETS.containsKey(effort)) {
      throw members.invalid("reasoning_effort", "must be none, minimal, low, medium or high");
    }
    ObjectNode thinking = generation.putObject("thinkingConfig");
    if (THINKING_BUDGET_MODELS.matcher(model).matches()) {
      thinking.put("thinkingBudget", THINKING_BUDGETS.get(effort));
    } else if (effort.equals("none")) {
      throw members.invalid(
          "reasoning_effort",
          "must be at least minimal: thinking cannot be disabled for this model");
    } else {
      thinking.put("thinkingLevel", effort);
    }
  }

  private void tools() {
    JsonNode tools = members.list("tools");
    ArrayNode translated = ChatSink.array();
    ArrayNode functions = ChatSink.array();
    boolean strict = false;
    for (int i = 0; i < tools.size(); i++) {
      JsonNode tool = tools.path(i);
      String path = "tools[%d]".formatted(i);
      if (members.nested(path, tool).take("type").isMissingNode()) {
        translated.add(tool);
        continue;
      }
      if (!tool.path("type").stringValue("").equals("function")) {
        throw members.invalid(path + ".type", "must be function: Gemini's own tools have no type");
      }
      RequestMemberReader function = members.nested(path + ".function", tool.path("function"));
      ObjectNode declaration = functions.addObject().put("name", function.required("name"));
      function.move("description", declaration, "description");
      function.move("parameters", declaration, "parametersJsonSchema");
      strict |= function.flag("strict", false);
      function.moveRest(declaration);
    }
    if (!functions.isEmpty()) {
      translated.addObject().set("functionDeclarations", functions);
    }
    if (!translated.isEmpty()) {
      body.set("tools", translated);
    }
    choice(strict);
  }

  /// @param strict whether a function requires its schema, which Gemini guarantees only in mode
  ///   `VALIDATED` if the model may choose whether to call a function
  private void choice(boolean strict) {
    JsonNode choice = members.take("tool_choice");
    String autoMode = strict ? "VALIDATED" : "AUTO";
    String mode = ChatOptions.toolChoice(choice);
    List<String> names = new ArrayList<>();
    switch (mode) {
      case "auto" -> mode = autoMode;
      case "none" -> mode = "NONE";
      case "required" -> mode = "ANY";
      case "function" -> {
        mode = "ANY";
        names.add(ChatOptions.functionName(members, choice));
      }
      case "allowed_tools" -> {
        JsonNode allowed = choice.path("allowed_tools");
        mode = allowed.path("mode").stringValue("").equals("required") ? "ANY" : "VALIDATED";
        allowed.path("tools").forEach(tool -> names.add(ChatOptions.functionName(members, tool)));
      }
      default ->
          throw members.invalid(
              "tool_choice", "must be auto, none, required, a function or allowed_tools");
    }
    if (choice.isMissingNode() && !strict) {
      return;
    }
    ObjectNode config =
        body.putObject("toolConfig").putObject("functionCallingConfig").put("mode", mode);
    names.forEach(config.withArrayProperty("allowedFunctionNames")::add);
    if (names.isEmpty()) {
      config.remove("allowedFunctionNames");
    }
  }

  private void rejectOrIgnoreUnsupported() {
    members.take("stream");
    members.take("stream_options");
    members.reject("logit_bias", "is not supported: Gemini cannot bias tokens");
    members.reject("functions", "is deprecated and not supported: use tools");
    members.reject("function_call", "is deprecated and not supported: use tool_choice");
    members.reject("audio", "is not supported: use generationConfig.speechConfig");
    members.reject("web_search_options", "is not supported: add {\"googleSearch\": {}} to tools");
    JsonNode modalities = members.list("modalities");
    if (!modalities.isMissingNode() && !Optional.of("text").equals(singleText(modalities))) {
      throw members.invalid(
          "modalities", "must be [\"text\"]; set others in generationConfig.responseModalities");
    }
    if (!members.flag("parallel_tool_calls", true)) {
      members.warnIgnored("parallel_tool_calls", "Gemini may call several tools at once");
    }
    members.ignore("verbosity", "Gemini has no verbosity setting");
    members.ignore("prediction", "Gemini does not accept predicted output");
    members.ignore("service_tier", "use serviceTier with Gemini's values");
    members.ignore(
        "prompt_cache_key", "Gemini caches implicitly, or the content named in cachedContent");
    members.ignore(
        "prompt_cache_retention",
        "Gemini caches implicitly, or the content named in cachedContent");
    members.ignore("store", NOT_STORED);
    members.ignore("metadata", NOT_STORED);
    members.ignore("user", "Gemini does not accept a user identifier");
    members.ignore("safety_identifier", "Gemini does not accept a user identifier");
  }

  private static Optional<String> singleText(JsonNode list) {
    return list.size() == 1 ? list.path(0).stringValueOpt() : Optional.empty();
  }
}
