package dev.agentlab.dialects;

import com.google.re2j.Pattern;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/// One canonical request for a chat as the Messages API takes it.
final class AnthropicRequest {
  /// How long an answer may be where a request does not say, which Anthropic insists on: as long as
  /// any model allows, and the older ones as long as they do
  /// (https://platform.claude.com/docs/en/about-claude/models/overview).
  private static final int LONGEST = 32_000;

  private static final Pattern UP_TO_8192 = Pattern.compile("(.*[/.])?claude-3-5-.*");
  private static final Pattern UP_TO_4096 =
      Pattern.compile("(.*[/.])?claude-(2|instant|3-(opus|sonnet|haiku)).*");

  /// Models that are told a number of tokens to think with; those after them decide by themselves
  /// (https://platform.claude.com/docs/en/build-with-claude/adaptive-thinking).
  private static final Pattern WITH_BUDGET =
      Pattern.compile(
          "(.*[/.])?claude-(3-7-.*|(opus|sonnet|haiku)-4(-[0-5])?([-@](\\d{8}|latest).*)?)");

  private static final Map<String, Integer> BUDGETS =
      Map.of("minimal", 1_024, "low", 2_048, "medium", 8_192, "high", 16_384, "xhigh", 24_576);
  private static final int SMALLEST_BUDGET = 1_024;

  private static final Set<String> EFFORTS =
      Set.of("none", "minimal", "low", "medium", "high", "xhigh", "max");

  private static final String NO_RECORDS = "the Messages API keeps no such records";
  private static final String NO_SUCH_SETTING = "Anthropic has no such setting";

  private final RequestMembers members;
  private final boolean streams;
  private final ObjectNode body = ChatSink.object();

  AnthropicRequest(RequestMembers members, boolean streams) {
    this.members = members;
    this.streams = streams;
  }

  /// @throws dev.agentlab.errors.InvalidInputException if it asks for what Anthropic cannot do
  ObjectNode json() {
    String model = members.required("model");
    body.put("model", model);
    JsonNode limit = members.take("max_completion_tokens");
    JsonNode former = members.take("max_tokens");
    JsonNode longest = limit.isMissingNode() ? former : limit;
    if (!longest.isMissingNode()) {
      body.set("max_tokens", longest);
    } else {
      body.put("max_tokens", longest(model));
    }
    new AnthropicMessages(members).write(body);
    if (streams) {
      body.put("stream", true);
    }
    sampling();
    new AnthropicTools(members).write(body);
    output(model);
    user();
    refuse();
    omit();
    members.moveRest(body);
    return body;
  }

  private static int longest(String model) {
    if (UP_TO_4096.matcher(model).matches()) {
      return 4_096;
    }
    return UP_TO_8192.matcher(model).matches() ? 8_192 : LONGEST;
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
      members.note("temperature", "is taken as 1, the most that Anthropic knows");
      body.put("temperature", 1);
    } else if (temperature.isNumber() && temperature.decimalValue().signum() < 0) {
      members.note("temperature", "is taken as 0, the least that Anthropic knows");
      body.put("temperature", 0);
    } else if (!temperature.isMissingNode()) {
      body.set("temperature", temperature);
    }
    members.move("top_p", body, "top_p");
  }

  private void output(String model) {
    object("output_config").ifPresent(given -> body.set("output_config", given.deepCopy()));
    JsonNode format = object("response_format").<JsonNode>map(it -> it).orElse(ChatSink.object());
    switch (format.path("type").stringValue("text")) {
      case "text" -> {}
      case "json_object" ->
          members.warn(
              "response_format",
              "Anthropic promises JSON only for a schema; give one, or ask for JSON in words");
      case "json_schema" -> {
        JsonNode schema = format.at("/json_schema/schema");
        if (!schema.isObject()) {
          throw members.fault("response_format.json_schema.schema", "must be an object");
        }
        ObjectNode written = body.withObjectProperty("output_config").putObject("format");
        written.put("type", "json_schema").set("schema", schema);
      }
      default ->
          throw members.fault("response_format.type", "must be text, json_object or json_schema");
    }
    members.move("thinking", body, "thinking");
    members.text("reasoning_effort").ifPresent(effort -> think(effort, model));
  }

  private void think(String effort, String model) {
    if (!EFFORTS.contains(effort)) {
      throw members.fault(
          "reasoning_effort", "must be none, minimal, low, medium, high, xhigh or max");
    }
    if (body.has("thinking")) {
      members.warn("reasoning_effort", "thinking says how to think");
    } else if (effort.equals("none")) {
      body.putObject("thinking").put("type", "disabled");
    } else if (WITH_BUDGET.matcher(model).matches()) {
      budget(BUDGETS.getOrDefault(effort, LONGEST));
    } else {
      body.putObject("thinking").put("type", "adaptive");
      ObjectNode config = body.withObjectProperty("output_config");
      config.put("effort", effort.equals("minimal") ? "low" : effort);
    }
  }

  /// Thoughts count as part of the answer and must leave room for the rest of it.
  private void budget(int wanted) {
    int room = body.path("max_tokens").intValue(LONGEST) / 2;
    if (room < SMALLEST_BUDGET) {
      members.warn(
          "reasoning_effort",
          "thinking takes %d tokens, and max_tokens should be twice as many"
              .formatted(SMALLEST_BUDGET));
      return;
    }
    body.putObject("thinking").put("type", "enabled").put("budget_tokens", Math.min(wanted, room));
  }

  /// Anthropic's `metadata` knows the user and nothing else.
  private void user() {
    ObjectNode metadata = ChatSink.object();
    object("metadata")
        .map(given -> members.within("metadata", given))
        .ifPresent(given -> {
          given.move("user_id", metadata, "user_id");
          given.omitRest(NO_RECORDS);
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

  /// The value of a member that is an object, which is then no longer left; empty if there is none.
  private Optional<ObjectNode> object(String name) {
    return switch (members.take(name)) {
      case ObjectNode object -> Optional.of(object);
      case MissingNode _ -> Optional.empty();
      default -> throw members.fault(name, "must be an object");
    };
  }

  private void refuse() {
    JsonNode n = members.take("n");
    if (!n.isMissingNode() && n.intValue(0) != 1) {
      throw members.fault("n", "must be 1: Anthropic gives one answer to a request");
    }
    members.refuse("logprobs", "cannot be given: Anthropic does not tell probabilities");
    if (members.peek("top_logprobs").intValue(1) == 0) {
      members.take("top_logprobs");
    }
    members.refuse("top_logprobs", "cannot be given: Anthropic does not tell probabilities");
    members.refuse("logit_bias", "cannot be given: Anthropic does not weigh single tokens");
    members.refuse("functions", "is no longer in use: describe them in tools");
    members.refuse("function_call", "is no longer in use: write tool_choice");
    members.refuse("audio", "cannot be given: Anthropic answers in text");
    members.refuse(
        "web_search_options",
        "cannot be given here: add {\"type\": \"web_search_20250305\", \"name\": \"web_search\"} to"
            + " tools");
    JsonNode modalities = members.take("modalities");
    boolean onlyText =
        modalities.isArray()
            && modalities.valueStream().allMatch(it -> it.stringValue("").equals("text"));
    if (!modalities.isMissingNode() && !onlyText) {
      throw members.fault("modalities", "must be [\"text\"]: Anthropic answers in text");
    }
  }

  private void omit() {
    members.take("stream");
    members.take("stream_options");
    members.omit("seed", "Anthropic does not promise to repeat itself");
    penalty("presence_penalty");
    penalty("frequency_penalty");
    members.omit("verbosity", NO_SUCH_SETTING);
    members.omit("prediction", NO_SUCH_SETTING);
    members.omit("prompt_cache_key", "say what to cache with cache_control");
    members.omit("prompt_cache_retention", "say what to cache with cache_control");
    members.omit("store", NO_RECORDS);
    switch (members.text("service_tier").orElse("")) {
      case "" -> {}
      case "auto" -> body.put("service_tier", "auto");
      case "default", "standard_only" -> body.put("service_tier", "standard_only");
      default -> members.warn("service_tier", "Anthropic knows auto and default");
    }
  }

  private void penalty(String name) {
    JsonNode penalty = members.take(name);
    if (!penalty.isMissingNode() && !(penalty.isNumber() && penalty.decimalValue().signum() == 0)) {
      members.warn(name, NO_SUCH_SETTING);
    }
  }
}
