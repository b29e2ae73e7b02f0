package dev.agentlab.dialects;

import com.google.re2j.Pattern;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/// Translates a canonical chat request to a request of the Messages API.
final class AnthropicRequest {
  /// The default of `max_tokens`, which Anthropic requires. All models support it except older
  /// ones, which have the lower limits below
  /// (https://platform.claude.com/docs/en/about-claude/models/overview).
  private static final int DEFAULT_MAX_TOKENS = 32_000;

  private static final Pattern UP_TO_8192 = Pattern.compile("(.*[/.])?claude-3-5-.*");
  private static final Pattern UP_TO_4096 =
      Pattern.compile("(.*[/.])?claude-(2|instant|3-(opus|sonnet|haiku)).*");

  /// Models whose thinking is configured with a token budget; later models think adaptively
  /// (https://platform.claude.com/docs/en/build-with-claude/adaptive-thinking).
  private static final Pattern THINKING_BUDGET_MODELS =
      Pattern.compile(
          "(.*[/.])?claude-(3-7-.*|(opus|sonnet|haiku)-4(-[0-5])?([-@](\\d{8}|latest).*)?)");

  private static final Map<String, Integer> THINKING_BUDGETS =
      Map.of("minimal", 1_024, "low", 2_048, "medium", 8_192, "high", 16_384, "xhigh", 24_576);
  private static final int MIN_THINKING_BUDGET = 1_024;

  private static final Set<String> EFFORTS =
      Set.of("none", "minimal", "low", "medium", "high", "xhigh", "max");

  private static final String NOT_STORED = "the Messages API stores no such data";
  private static final String NO_SUCH_SETTING = "Anthropic has no such setting";

  private final RequestMemberReader members;
  private final boolean streams;
  private final ObjectNode body = ChatSink.object();

  AnthropicRequest(RequestMemberReader members, boolean streams) {
    this.members = members;
    this.streams = streams;
  }

  /// @throws dev.agentlab.errors.InvalidInputException if the request uses a feature that Anthropic
  ///   does not support
  ObjectNode json() {
    String model = members.required("model");
    body.put("model", model);
    JsonNode limit = members.take("max_completion_tokens");
    JsonNode deprecated = members.take("max_tokens");
    JsonNode maxTokens = limit.isMissingNode() ? deprecated : limit;
    if (!maxTokens.isMissingNode()) {
      body.set("max_tokens", maxTokens);
    } else {
      body.put("max_tokens", defaultMaxTokens(model));
    }
    new AnthropicMessages(members).write(body);
    if (streams) {
      body.put("stream", true);
    }
    sampling();
    new AnthropicTools(members).write(body);
    output(model);
    user();
    rejectUnsupported();
    ignoreUnsupported();
    members.moveRest(body);
    return body;
  }

  private static int defaultMaxTokens(String model) {
    if (UP_TO_4096.matcher(model).matches()) {
      return 4_096;
    }
    return UP_TO_8192.matcher(model).matches() ? 8_192 : DEFAULT_MAX_TOKENS;
  }

  private void sampling() {
    JsonNode stop = members.take("stop");
    if (stop.isString()) {
      body.putArray("stop_sequences").add(stop);
    } else if (!stop.isMissingNode()) {
      body.set("stop_sequences", stop);
    }
    JsonNode temperature = members.take("temperature");
    if (temperature.isNumber() && temperature.decimalValue().compareTo(BigDecimal.ONE) > 0) {
      members.warn("temperature", "is reduced to 1, the maximum that Anthropic accepts");
      body.put("temperature", 1);
    } else if (temperature.isNumber() && temperature.decimalValue().signum() < 0) {
      members.warn("temperature", "is raised to 0, the minimum that Anthropic accepts");
      body.put("temperature", 0);
    } else if (!temperature.isMissingNode()) {
      body.set("temperature", temperature);
    }
    members.move("top_p", body, "top_p");
  }

  private void output(String model) {
    object("output_config").ifPresent(config -> body.set("output_config", config.deepCopy()));
    JsonNode format = object("response_format").<JsonNode>map(it -> it).orElse(ChatSink.object());
    switch (format.path("type").stringValue("text")) {
      case "text" -> {}
      case "json_object" ->
          members.warnIgnored(
              "response_format",
              "Anthropic guarantees JSON only with a schema; use json_schema, or request JSON in"
                  + " the prompt");
      case "json_schema" -> {
        JsonNode schema = format.at("/json_schema/schema");
        if (!schema.isObject()) {
          throw members.invalid("response_format.json_schema.schema", "must be an object");
        }
        ObjectNode json = body.withObjectProperty("output_config").putObject("format");
        json.put("type", "json_schema").set("schema", schema);
      }
      default ->
          throw members.invalid("response_format.type", "must be text, json_object or json_schema");
    }
    members.move("thinking", body, "thinking");
    members.text("reasoning_effort").ifPresent(effort -> writeThinking(effort, model));
  }

  private void writeThinking(String effort, String model) {
    if (!EFFORTS.contains(effort)) {
      throw members.invalid(
          "reasoning_effort", "must be none, minimal, low, medium, high, xhigh or max");
    }
    if (body.has("thinking")) {
      members.warnIgnored("reasoning_effort", "thinking takes precedence");
    } else if (effort.equals("none")) {
      body.putObject("thinking").put("type", "disabled");
    } else if (THINKING_BUDGET_MODELS.matcher(model).matches()) {
      writeThinkingBudget(THINKING_BUDGETS.getOrDefault(effort, DEFAULT_MAX_TOKENS));
    } else {
      body.putObject("thinking").put("type", "adaptive");
      ObjectNode config = body.withObjectProperty("output_config");
      config.put("effort", effort.equals("minimal") ? "low" : effort);
    }
  }

  /// Thinking tokens count towards `max_tokens` and must leave room for the rest of the response.
  private void writeThinkingBudget(int tokens) {
    int maxBudget = body.path("max_tokens").intValue(DEFAULT_MAX_TOKENS) / 2;
    if (maxBudget < MIN_THINKING_BUDGET) {
      members.warnIgnored(
          "reasoning_effort",
          "thinking requires %d tokens, and max_tokens must be at least twice that"
              .formatted(MIN_THINKING_BUDGET));
      return;
    }
    body.putObject("thinking")
        .put("type", "enabled")
        .put("budget_tokens", Math.min(tokens, maxBudget));
  }

  /// Anthropic's `metadata` has only a user id.
  private void user() {
    ObjectNode metadata = ChatSink.object();
    object("metadata")
        .map(original -> members.nested("metadata", original))
        .ifPresent(original -> {
          original.move("user_id", metadata, "user_id");
          original.ignoreRest(NOT_STORED);
        });
    for (String name : new String[] {"safety_identifier", "user"}) {
      JsonNode user = members.take(name);
      if (!user.isMissingNode() && !metadata.has("user_id")) {
        metadata.set("user_id", user);
      }
    }
    if (!metadata.isEmpty()) {
      body.set("metadata", metadata);
    }
  }

  /// Removes an object member and returns its value; empty if it is absent.
  private Optional<ObjectNode> object(String name) {
    return switch (members.take(name)) {
      case ObjectNode object -> Optional.of(object);
      case MissingNode _ -> Optional.empty();
      default -> throw members.invalid(name, "must be an object");
    };
  }

  private void rejectUnsupported() {
    JsonNode n = members.take("n");
    if (!n.isMissingNode() && n.intValue(0) != 1) {
      throw members.invalid("n", "must be 1: Anthropic returns one choice per request");
    }
    members.reject("logprobs", "is not supported: Anthropic does not return probabilities");
    if (members.peek("top_logprobs").intValue(1) == 0) {
      members.take("top_logprobs");
    }
    members.reject("top_logprobs", "is not supported: Anthropic does not return probabilities");
    members.reject("logit_bias", "is not supported: Anthropic cannot bias tokens");
    members.reject("functions", "is deprecated and not supported: use tools");
    members.reject("function_call", "is deprecated and not supported: use tool_choice");
    members.reject("audio", "is not supported: Anthropic returns text only");
    members.reject(
        "web_search_options",
        "is not supported: add {\"type\": \"web_search_20250305\", \"name\": \"web_search\"} to"
            + " tools");
    JsonNode modalities = members.take("modalities");
    boolean onlyText =
        modalities.isArray()
            && modalities.valueStream().allMatch(it -> it.stringValue("").equals("text"));
    if (!modalities.isMissingNode() && !onlyText) {
      throw members.invalid("modalities", "must be [\"text\"]: Anthropic returns text only");
    }
  }

  private void ignoreUnsupported() {
    members.take("stream");
    members.take("stream_options");
    members.ignore("seed", "Anthropic does not support deterministic sampling");
    penalty("presence_penalty");
    penalty("frequency_penalty");
    members.ignore("verbosity", NO_SUCH_SETTING);
    members.ignore("prediction", NO_SUCH_SETTING);
    members.ignore("prompt_cache_key", "use cache_control to mark what to cache");
    members.ignore("prompt_cache_retention", "use cache_control to mark what to cache");
    members.ignore("store", NOT_STORED);
    switch (members.text("service_tier").orElse("")) {
      case "" -> {}
      case "auto" -> body.put("service_tier", "auto");
      case "default", "standard_only" -> body.put("service_tier", "standard_only");
      default -> members.warnIgnored("service_tier", "Anthropic accepts auto and default");
    }
  }

  private void penalty(String name) {
    JsonNode penalty = members.take(name);
    if (!penalty.isMissingNode() && !(penalty.isNumber() && penalty.decimalValue().signum() == 0)) {
      members.warnIgnored(name, NO_SUCH_SETTING);
    }
  }
}
