package dev.agentlab.dialects;

import com.google.re2j.Pattern;
import dev.agentlab.conversation.ChatRequest;
import dev.agentlab.conversation.Member;
import dev.agentlab.conversation.OutputFormat;
import dev.agentlab.conversation.RequestOption;
import dev.agentlab.errors.InvalidInputException;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/// Writes a chat request as a request of the Messages API.
final class AnthropicRequestWriter {
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

  private static final String NO_PROBABILITIES =
      "is not supported: Anthropic does not return probabilities";

  private final ChatRequest request;
  private final TranslationWarnings warnings;
  private final RequestOptionReader options;

  /// The members of the client's request that no reader knows, Anthropic's own among them.
  private final RequestMemberReader members;

  private final ObjectNode body = ProviderJson.object();

  AnthropicRequestWriter(ChatRequest original, TranslationWarnings warnings) {
    this.request =
        new VendorElementFilter(AnthropicMessageWriter.NO_EQUIVALENT, warnings)
            .filter(original, Anthropic.VENDOR);
    this.warnings = warnings;
    this.options = new RequestOptionReader(request, warnings);
    this.members = RequestMemberReader.of(request.unread(), warnings);
  }

  /// @throws InvalidInputException if the request uses a feature that Anthropic does not support
  ObjectNode json() {
    String model = request.model().value();
    body.put("model", model);
    options
        .take(RequestOption.MAX_TOKENS)
        .ifPresentOrElse(
            limit -> body.set("max_tokens", limit.value()),
            () -> body.put("max_tokens", defaultMaxTokens(model)));
    new AnthropicMessageWriter(isOwnClient(), warnings).write(request.messages(), body);
    if (request.isStreaming()) {
      body.put("stream", true);
    }
    options.move(RequestOption.STOP_SEQUENCES, body, "stop_sequences");
    options.take(RequestOption.TEMPERATURE).ifPresent(this::writeTemperature);
    options.move(RequestOption.TOP_P, body, "top_p");
    boolean isParallel = options.takeValue(RequestOption.PARALLEL_TOOL_CALLS).booleanValue(true);
    new AnthropicToolWriter(request, warnings).write(body, isParallel);
    writeOutput();
    writeThinking(model);
    writeUser();
    options.remaining().forEach(this::writeOther);
    members.moveRest(body);
    return body;
  }

  /// Whether the client speaks this API too.
  private boolean isOwnClient() {
    return request.vendor().equals(Optional.of(Anthropic.VENDOR));
  }

  private static int defaultMaxTokens(String model) {
    if (UP_TO_4096.matcher(model).matches()) {
      return 4_096;
    }
    return UP_TO_8192.matcher(model).matches() ? 8_192 : DEFAULT_MAX_TOKENS;
  }

  private void writeTemperature(Member<JsonNode> temperature) {
    BigDecimal value = temperature.value().decimalValue();
    if (value.compareTo(BigDecimal.ONE) > 0) {
      warnings.add(temperature.path(), "is reduced to 1, the maximum that Anthropic accepts");
      body.put("temperature", 1);
    } else if (value.signum() < 0) {
      warnings.add(temperature.path(), "is raised to 0, the minimum that Anthropic accepts");
      body.put("temperature", 0);
    } else {
      body.set("temperature", temperature.value());
    }
  }

  private void writeOutput() {
    object("output_config").ifPresent(config -> body.set("output_config", config.deepCopy()));
    request
        .unread()
        .inner()
        .map(inner -> RequestMemberReader.of(inner, warnings))
        .ifPresent(inner -> inner.moveRest(body.withObjectProperty("output_config")));
    request.outputFormat().ifPresent(this::writeFormat);
  }

  private void writeFormat(Member<OutputFormat> format) {
    switch (format.value()) {
      case OutputFormat.PlainText() -> {}
      case OutputFormat.AnyJson _ ->
          warnings.addIgnored(
              format.path(),
              "Anthropic guarantees JSON only with a schema; use json_schema, or request JSON in"
                  + " the prompt");
      case OutputFormat.SchemaJson schema -> {
        ObjectNode json = body.withObjectProperty("output_config").putObject("format");
        json.put("type", "json_schema").set("schema", schema.schema());
        schema
            .description()
            .ifPresent(_ ->
                warnings.add(
                    format.path(), "loses its description: Anthropic accepts only a schema"));
        warnings.addIgnored(schema.unread(), NO_SUCH_SETTING);
      }
      case OutputFormat.VendorFormat vendor ->
          throw new InvalidInputException(
              vendor.typePath(), "must be text, json_object or json_schema");
    }
  }

  private void writeThinking(String model) {
    members.move("thinking", body, "thinking");
    if (isOwnClient()) {
      writeOwnThinking();
      return;
    }
    options.take(RequestOption.REASONING_EFFORT).ifPresent(it -> writeEffort(it, model));
    options
        .take(RequestOption.REASONING_BUDGET)
        .filter(_ -> !body.has("thinking"))
        .ifPresent(budget -> writeBudget(budget, model));
  }

  private void writeBudget(Member<JsonNode> budget, String model) {
    if (THINKING_BUDGET_MODELS.matcher(model).matches()) {
      writeThinkingBudget(budget.path(), budget.value().intValue(DEFAULT_MAX_TOKENS));
    } else {
      String effort = ReasoningEffort.ofBudget(budget.value());
      warnings.add(
          budget.path(),
          "becomes the effort " + effort + ": the model decides itself how much it thinks");
      body.putObject("thinking").put("type", "adaptive");
      body.withObjectProperty("output_config").put("effort", effort);
    }
  }

  /// Writes the settings as the client wrote them. The effort `none` is not Anthropic's, but read
  /// from the settings.
  private void writeOwnThinking() {
    options.move(RequestOption.REASONING_SETTINGS, body, "thinking");
    options.take(RequestOption.REASONING_BUDGET);
    options
        .take(RequestOption.REASONING_EFFORT)
        .map(Member::value)
        .filter(effort -> !effort.stringValue().equals("none"))
        .ifPresent(effort -> body.withObjectProperty("output_config").set("effort", effort));
  }

  private void writeEffort(Member<JsonNode> member, String model) {
    String effort = member.value().stringValue();
    if (!EFFORTS.contains(effort)) {
      throw new InvalidInputException(
          member.path(), "must be none, minimal, low, medium, high, xhigh or max");
    }
    if (body.has("thinking")) {
      warnings.addIgnored(member.path(), "thinking takes precedence");
    } else if (effort.equals("none")) {
      body.putObject("thinking").put("type", "disabled");
    } else if (THINKING_BUDGET_MODELS.matcher(model).matches()) {
      writeThinkingBudget(member.path(), THINKING_BUDGETS.getOrDefault(effort, DEFAULT_MAX_TOKENS));
    } else {
      body.putObject("thinking").put("type", "adaptive");
      ObjectNode config = body.withObjectProperty("output_config");
      config.put("effort", effort.equals("minimal") ? "low" : effort);
    }
  }

  /// Thinking tokens count towards `max_tokens` and must leave room for the rest of the response.
  private void writeThinkingBudget(String path, int tokens) {
    int maxBudget = body.path("max_tokens").intValue(DEFAULT_MAX_TOKENS) / 2;
    if (maxBudget < MIN_THINKING_BUDGET) {
      warnings.addIgnored(
          path,
          "thinking requires %d tokens, and max_tokens must be at least twice that"
              .formatted(MIN_THINKING_BUDGET));
      return;
    }
    body.putObject("thinking")
        .put("type", "enabled")
        .put("budget_tokens", Math.clamp(tokens, MIN_THINKING_BUDGET, maxBudget));
  }

  /// Anthropic's `metadata` has only a user id.
  private void writeUser() {
    ObjectNode metadata = ProviderJson.object();
    options.take(RequestOption.METADATA).ifPresent(labels -> writeMetadata(labels, metadata));
    JsonNode identifier = options.takeValue(RequestOption.SAFETY_IDENTIFIER);
    JsonNode user = options.takeValue(RequestOption.USER);
    JsonNode id = identifier.isMissingNode() ? user : identifier;
    if (!id.isMissingNode() && !metadata.has("user_id")) {
      metadata.set("user_id", id);
    }
    if (!metadata.isEmpty()) {
      body.set("metadata", metadata);
    }
  }

  private void writeMetadata(Member<JsonNode> labels, ObjectNode metadata) {
    if (!labels.value().isObject()) {
      throw new InvalidInputException(labels.path(), "must be an object");
    }
    labels
        .value()
        .forEachEntry((name, value) -> {
          if (name.equals("user_id") && !value.isNull()) {
            metadata.set(name, value);
          } else if (!value.isNull() && RequestMemberReader.hasEffect(value)) {
            warnings.addIgnored(labels.path() + "." + name, NOT_STORED);
          }
        });
  }

  /// Removes an object among Anthropic's own members; empty if it is absent.
  private Optional<ObjectNode> object(String name) {
    return switch (members.take(name)) {
      case ObjectNode object -> Optional.of(object);
      case MissingNode _ -> Optional.empty();
      default -> throw members.invalid(name, "must be an object");
    };
  }

  private void writeOther(RequestOption option) {
    switch (option) {
      case TOP_K -> options.move(option, body, "top_k");
      case CHOICES ->
          options.requireOne(option, "must be 1: Anthropic returns one choice per request");
      case LOG_PROBABILITIES -> options.reject(option, NO_PROBABILITIES);
      case TOP_LOG_PROBABILITIES ->
          options
              .take(option)
              .filter(top -> top.value().decimalValue().signum() != 0)
              .ifPresent(top -> {
                throw new InvalidInputException(top.path(), NO_PROBABILITIES);
              });
      case LOGIT_BIAS -> options.reject(option, "is not supported: Anthropic cannot bias tokens");
      case AUDIO_OUTPUT -> options.reject(option, "is not supported: Anthropic returns text only");
      case WEB_SEARCH ->
          options.reject(
              option,
              "is not supported: add {\"type\": \"web_search_20250305\", \"name\": \"web_search\"}"
                  + " to tools");
      case MODALITIES -> requireText(option);
      case SEED -> options.ignore(option, "Anthropic does not support deterministic sampling");
      case PRESENCE_PENALTY, FREQUENCY_PENALTY ->
          options
              .take(option)
              .filter(penalty -> penalty.value().decimalValue().signum() != 0)
              .ifPresent(penalty -> warnings.addIgnored(penalty.path(), NO_SUCH_SETTING));
      case VERBOSITY, PREDICTION -> options.ignore(option, NO_SUCH_SETTING);
      case PROMPT_CACHE_KEY, PROMPT_CACHE_RETENTION ->
          options.ignore(option, "use cache_control to mark what to cache");
      case STORE -> options.ignore(option, NOT_STORED);
      case SERVICE_TIER -> options.take(option).ifPresent(this::writeServiceTier);
      case MAX_TOKENS,
          TEMPERATURE,
          TOP_P,
          STOP_SEQUENCES,
          REASONING_EFFORT,
          REASONING_BUDGET,
          REASONING_SETTINGS,
          STREAM_OPTIONS,
          PARALLEL_TOOL_CALLS,
          METADATA,
          USER,
          SAFETY_IDENTIFIER -> {}
    }
  }

  private void requireText(RequestOption option) {
    options
        .take(option)
        .filter(
            list -> !list.value().valueStream().allMatch(it -> it.stringValue("").equals("text")))
        .ifPresent(list -> {
          throw new InvalidInputException(
              list.path(), "must be [\"text\"]: Anthropic returns text only");
        });
  }

  private void writeServiceTier(Member<JsonNode> tier) {
    if (!tier.value().isString()) {
      throw new InvalidInputException(tier.path(), "must be a string");
    }
    switch (tier.value().stringValue()) {
      case "" -> {}
      case "auto" -> body.put("service_tier", "auto");
      case "default", "standard_only" -> body.put("service_tier", "standard_only");
      default -> warnings.addIgnored(tier.path(), "Anthropic accepts auto and default");
    }
  }
}
