package dev.agentlab.dialects;

import com.google.re2j.Pattern;
import dev.agentlab.conversation.ChatRequest;
import dev.agentlab.conversation.ChatTool;
import dev.agentlab.conversation.ChatTool.FunctionTool;
import dev.agentlab.conversation.ChatTool.VendorTool;
import dev.agentlab.conversation.Extensions;
import dev.agentlab.conversation.Member;
import dev.agentlab.conversation.OutputFormat;
import dev.agentlab.conversation.RequestOption;
import dev.agentlab.conversation.ToolChoice;
import dev.agentlab.conversation.UnreadMembers;
import dev.agentlab.errors.InvalidInputException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Writes a chat request as a `generateContent` request.
final class GeminiRequestWriter {
  /// The thinking budgets in tokens for each effort, as in Google's own OpenAI-compatible API
  /// (https://ai.google.dev/gemini-api/docs/openai#thinking).
  private static final Map<String, Integer> THINKING_BUDGETS =
      Map.of("none", 0, "minimal", 1_024, "low", 1_024, "medium", 8_192, "high", 24_576);

  private static final Set<String> HIGHER_EFFORTS = Set.of("xhigh", "max");

  /// Models whose thinking is configured with a token budget; later models have a thinking level.
  private static final Pattern THINKING_BUDGET_MODELS = Pattern.compile("(.*/)?gemini-[12][.-].*");

  private static final Pattern THINKING_MODELS =
      Pattern.compile("(.*/)?gemini-(2\\.5|[3-9]|\\d\\d).*");

  private static final String NOT_STORED = "the Gemini API stores no such data";

  private static final String NO_EQUIVALENT = "Gemini has no equivalent";

  private static final String NO_USER = "Gemini does not accept a user identifier";

  private final ChatRequest request;
  private final TranslationWarnings warnings;
  private final RequestOptionReader options;

  /// The members of the client's request that no reader knows, Gemini's own among them.
  private final RequestMemberReader members;

  private final ObjectNode body = ProviderJson.object();
  private final ObjectNode generation = ProviderJson.object();

  GeminiRequestWriter(ChatRequest original, TranslationWarnings warnings) {
    this.request =
        new VendorElementFilter(GeminiMessageWriter.NO_EQUIVALENT, warnings)
            .filter(original, Gemini.VENDOR);
    this.warnings = warnings;
    this.options = new RequestOptionReader(request, warnings);
    this.members = RequestMemberReader.of(request.unread(), warnings);
  }

  /// @throws InvalidInputException if the request uses a feature that Gemini does not support
  ObjectNode json() {
    new GeminiMessageWriter(request.model().value(), warnings).write(request.messages(), body);
    writeGeneration();
    writeTools();
    options.remaining().forEach(this::writeOther);
    if (members.object("generationConfig") instanceof ObjectNode config) {
      generation.setAll(config);
    }
    if (!generation.isEmpty()) {
      body.set("generationConfig", generation);
    }
    members.moveRest(body);
    return body;
  }

  private void writeGeneration() {
    options.move(RequestOption.TEMPERATURE, generation, "temperature");
    options.move(RequestOption.TOP_P, generation, "topP");
    options.move(RequestOption.TOP_K, generation, "topK");
    options.move(RequestOption.CHOICES, generation, "candidateCount");
    options.move(RequestOption.SEED, generation, "seed");
    options.move(RequestOption.PRESENCE_PENALTY, generation, "presencePenalty");
    options.move(RequestOption.FREQUENCY_PENALTY, generation, "frequencyPenalty");
    options.move(RequestOption.LOG_PROBABILITIES, generation, "responseLogprobs");
    options
        .take(RequestOption.TOP_LOG_PROBABILITIES)
        .filter(top -> top.value().decimalValue().signum() != 0)
        .ifPresent(top -> generation.set("logprobs", top.value()));
    options.move(RequestOption.MAX_TOKENS, generation, "maxOutputTokens");
    JsonNode stops = options.takeValue(RequestOption.STOP_SEQUENCES);
    if (!stops.isEmpty()) {
      generation.set("stopSequences", stops);
    }
    writeThinking();
    request.outputFormat().ifPresent(this::writeFormat);
  }

  private void writeFormat(Member<OutputFormat> format) {
    switch (format.value()) {
      case OutputFormat.PlainText() -> {}
      case OutputFormat.AnyJson _ -> generation.put("responseMimeType", "application/json");
      case OutputFormat.SchemaJson schema -> {
        generation.put("responseMimeType", "application/json");
        generation.set("responseJsonSchema", schema.schema());
        schema
            .description()
            .ifPresent(_ ->
                warnings.add(format.path(), "loses its description: Gemini accepts only a schema"));
        warnings.addIgnored(schema.unread(), NO_EQUIVALENT);
      }
      case OutputFormat.VendorFormat vendor ->
          throw new InvalidInputException(
              vendor.typePath(), "must be text, json_object or json_schema");
    }
  }

  /// Gemini accepts a budget or a level, but not both.
  private void writeThinking() {
    Optional<Member<JsonNode>> budget = options.take(RequestOption.REASONING_BUDGET);
    Optional<Member<JsonNode>> effort = options.take(RequestOption.REASONING_EFFORT);
    if (budget.isPresent()) {
      generation.putObject("thinkingConfig").set("thinkingBudget", budget.get().value());
      effort.ifPresent(
          member -> warnings.addIgnored(member.path(), budget.get().path() + " takes precedence"));
    } else {
      effort.ifPresent(this::writeEffort);
    }
    boolean isDisabled =
        effort.filter(member -> member.value().stringValue("").equals("none")).isPresent();
    // The settings of a client that reads thoughts.
    options
        .take(RequestOption.REASONING_SETTINGS)
        .filter(_ -> !isDisabled && THINKING_MODELS.matches(request.model().value()))
        .ifPresent(
            _ -> generation.withObjectProperty("thinkingConfig").put("includeThoughts", true));
  }

  private void writeEffort(Member<JsonNode> member) {
    String requested = member.value().stringValue();
    boolean isReduced = HIGHER_EFFORTS.contains(requested);
    if (isReduced) {
      warnings.add(member.path(), "is reduced to high, the maximum that Gemini accepts");
    }
    String effort = isReduced ? "high" : requested;
    Integer budget = THINKING_BUDGETS.get(effort);
    if (budget == null) {
      throw new InvalidInputException(
          member.path(), "must be none, minimal, low, medium, high, xhigh or max");
    }
    ObjectNode thinking = generation.putObject("thinkingConfig");
    if (THINKING_BUDGET_MODELS.matcher(request.model().value()).matches()) {
      thinking.put("thinkingBudget", budget);
    } else if (effort.equals("none")) {
      warnings.add(member.path(), "is raised to low: thinking cannot be disabled for this model");
      thinking.put("thinkingLevel", "low");
    } else {
      thinking.put("thinkingLevel", effort);
    }
  }

  private void writeTools() {
    ArrayNode tools = ProviderJson.array();
    ArrayNode functions = ProviderJson.array();
    boolean strict = false;
    for (ChatTool tool : request.tools()) {
      switch (tool) {
        case VendorTool vendor -> {
          if (vendor.type().isPresent()) {
            throw new InvalidInputException(
                vendor.path() + ".type", "must be function: Gemini's own tools have no type");
          }
          tools.add(vendor.definition());
        }
        case FunctionTool function -> {
          functions.add(declaration(function));
          strict |= function.strict().map(Member::value).orElse(false);
        }
      }
    }
    if (!functions.isEmpty()) {
      tools.addObject().set("functionDeclarations", functions);
    }
    if (!tools.isEmpty()) {
      body.set("tools", tools);
    }
    writeChoice(strict);
  }

  private ObjectNode declaration(FunctionTool function) {
    ObjectNode json = ProviderJson.object().put("name", function.name());
    function.description().ifPresent(text -> json.put("description", text));
    function.parameters().ifPresent(schema -> json.set("parametersJsonSchema", schema.value()));
    Extensions extensions = function.extensions();
    UnreadMembers unread = extensions.unread();
    unread.inner().ifPresent(inner -> RequestMemberReader.of(inner, warnings).moveRest(json));
    UnreadMembers outer = new UnreadMembers(unread.path(), unread.members(), Optional.empty());
    warnings.addIgnored(new Extensions(extensions.cacheMarker(), outer), NO_EQUIVALENT);
    return json;
  }

  /// @param strict whether a function requires its schema, which Gemini guarantees only in mode
  ///   `VALIDATED` if the model may choose whether to call a function
  private void writeChoice(boolean strict) {
    if (request.toolChoice().isEmpty() && !strict) {
      return;
    }
    String automatic = strict ? "VALIDATED" : "AUTO";
    ToolChoice choice =
        request.toolChoice().map(Member::value).orElse(new ToolChoice.AutomaticChoice());
    switch (choice) {
      case ToolChoice.AutomaticChoice() -> writeMode(automatic, List.of());
      case ToolChoice.NoTool() -> writeMode("NONE", List.of());
      case ToolChoice.AnyTool() -> writeMode("ANY", List.of());
      case ToolChoice.NamedFunction(String name) -> writeMode("ANY", List.of(name));
      case ToolChoice.AllowedFunctions(boolean isRequired, List<String> names) ->
          writeMode(isRequired ? "ANY" : "VALIDATED", names);
      case ToolChoice.VendorChoice _ ->
          throw new InvalidInputException(
              request.toolChoice().map(Member::path).orElse(""),
              "must be auto, none, required, a function or allowed_tools");
    }
  }

  private void writeMode(String mode, List<String> names) {
    ObjectNode config =
        body.putObject("toolConfig").putObject("functionCallingConfig").put("mode", mode);
    if (!names.isEmpty()) {
      names.forEach(config.putArray("allowedFunctionNames")::add);
    }
  }

  private void writeOther(RequestOption option) {
    switch (option) {
      case LOGIT_BIAS -> options.reject(option, "is not supported: Gemini cannot bias tokens");
      case AUDIO_OUTPUT ->
          options.reject(option, "is not supported: use generationConfig.speechConfig");
      case WEB_SEARCH ->
          options.reject(option, "is not supported: add {\"googleSearch\": {}} to tools");
      case MODALITIES ->
          options
              .take(option)
              .filter(list -> !singleText(list.value()).equals(Optional.of("text")))
              .ifPresent(list -> {
                throw new InvalidInputException(
                    list.path(),
                    "must be [\"text\"]; set others in generationConfig.responseModalities");
              });
      case PARALLEL_TOOL_CALLS ->
          options
              .take(option)
              .filter(isParallel -> !isParallel.value().booleanValue())
              .ifPresent(isParallel ->
                  warnings.addIgnored(isParallel.path(), "Gemini may call several tools at once"));
      case VERBOSITY -> options.ignore(option, "Gemini has no verbosity setting");
      case PREDICTION -> options.ignore(option, "Gemini does not accept predicted output");
      case SERVICE_TIER -> options.ignore(option, "use serviceTier with Gemini's values");
      case PROMPT_CACHE_KEY, PROMPT_CACHE_RETENTION ->
          options.ignore(option, "Gemini caches implicitly, or the content named in cachedContent");
      case STORE, METADATA -> options.ignore(option, NOT_STORED);
      case USER, SAFETY_IDENTIFIER -> options.ignore(option, NO_USER);
      case MAX_TOKENS,
          TEMPERATURE,
          TOP_P,
          TOP_K,
          STOP_SEQUENCES,
          REASONING_EFFORT,
          REASONING_BUDGET,
          REASONING_SETTINGS,
          CHOICES,
          LOG_PROBABILITIES,
          TOP_LOG_PROBABILITIES,
          SEED,
          PRESENCE_PENALTY,
          FREQUENCY_PENALTY,
          STREAM_OPTIONS -> {}
    }
  }

  private static Optional<String> singleText(JsonNode list) {
    return list.size() == 1 ? list.path(0).stringValueOpt() : Optional.empty();
  }
}
