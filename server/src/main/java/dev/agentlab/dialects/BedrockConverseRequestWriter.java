package dev.agentlab.dialects;

import dev.agentlab.conversation.ChatRequest;
import dev.agentlab.conversation.ChatTool;
import dev.agentlab.conversation.ChatTool.FunctionTool;
import dev.agentlab.conversation.ChatTool.VendorTool;
import dev.agentlab.conversation.Member;
import dev.agentlab.conversation.OutputFormat;
import dev.agentlab.conversation.RequestOption;
import dev.agentlab.conversation.ToolChoice;
import dev.agentlab.errors.InvalidInputException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Writes a chat request as a `Converse` request.
final class BedrockConverseRequestWriter {
  private static final List<String> CONVERSE_MEMBERS =
      List.of(
          "additionalModelResponseFieldPaths",
          "guardrailConfig",
          "performanceConfig",
          "promptVariables",
          "requestMetadata",
          "serviceTier");

  private static final String CLAUDE_VENDOR = "anthropic";
  private static final Set<String> EFFORTS = Set.of("low", "medium", "high", "xhigh", "max");
  private static final String NOT_STORED = "Bedrock stores no such data; see requestMetadata";

  private static final String NO_EQUIVALENT = "Bedrock has no equivalent";

  private static final String NO_SUPPORT = "Bedrock does not support it";

  private final ChatRequest request;
  private final TranslationWarnings warnings;
  private final RequestOptionReader options;

  /// The members of the client's request that no reader knows, those of Converse among them.
  private final RequestMemberReader members;

  private final Optional<JsonNode> claudeThinking;
  private final ObjectNode body = ProviderJson.object();

  BedrockConverseRequestWriter(ChatRequest original, TranslationWarnings warnings) {
    this.request =
        new VendorElementFilter(BedrockConverseMessageWriter.NO_EQUIVALENT, warnings)
            .filter(original, BedrockConverse.VENDOR);
    this.warnings = warnings;
    this.options = new RequestOptionReader(request, warnings);
    this.members = RequestMemberReader.of(request.unread(), warnings);
    this.claudeThinking = takeClaudeThinking();
  }

  /// @throws InvalidInputException if the request uses a feature that Bedrock does not support
  ObjectNode json() {
    String model = request.model().value();
    BedrockCachePoints cachePoints = new BedrockCachePoints(model, warnings);
    BedrockConverseMessageWriter messages =
        new BedrockConverseMessageWriter(model, cachePoints, warnings);
    messages.write(request.messages(), body);
    writeInference();
    writeOutput();
    writeTools(messages, cachePoints);
    JsonNode topK = options.takeValue(RequestOption.TOP_K);
    options.remaining().forEach(this::writeOther);
    CONVERSE_MEMBERS.forEach(name -> members.move(name, body, name));
    ObjectNode fields =
        members.object("additionalModelRequestFields") instanceof ObjectNode original
            ? original.deepCopy()
            : ProviderJson.object();
    if (!topK.isMissingNode()) {
      fields.set("top_k", topK);
    }
    claudeThinking.ifPresent(settings -> fields.set("thinking", settings));
    members.moveRest(fields);
    if (!fields.isEmpty()) {
      body.set("additionalModelRequestFields", fields);
    }
    return body;
  }

  /// The settings of Claude's thinking, from a client of Claude's own API. Budget and effort `none`
  /// are read from them.
  private Optional<JsonNode> takeClaudeThinking() {
    boolean isClaude = request.model().value().contains("anthropic.claude");
    if (!isClaude || !request.vendor().equals(Optional.of(CLAUDE_VENDOR))) {
      return Optional.empty();
    }
    Optional<JsonNode> settings = options.take(RequestOption.REASONING_SETTINGS).map(Member::value);
    settings.ifPresent(_ -> options.take(RequestOption.REASONING_BUDGET));
    return settings;
  }

  private void writeInference() {
    ObjectNode inference = ProviderJson.object();
    options.move(RequestOption.MAX_TOKENS, inference, "maxTokens");
    options.move(RequestOption.TEMPERATURE, inference, "temperature");
    options.move(RequestOption.TOP_P, inference, "topP");
    JsonNode stops = options.takeValue(RequestOption.STOP_SEQUENCES);
    if (!stops.isEmpty()) {
      inference.set("stopSequences", stops);
    }
    putWithOverrides("inferenceConfig", inference);
  }

  private void writeOutput() {
    ObjectNode output = ProviderJson.object();
    request.outputFormat().ifPresent(format -> writeFormat(format.value(), output));
    options.take(RequestOption.REASONING_EFFORT).ifPresent(effort -> writeEffort(effort, output));
    putWithOverrides("outputConfig", output);
  }

  private void writeEffort(Member<JsonNode> effort, ObjectNode output) {
    String word = effort.value().stringValue();
    if (EFFORTS.contains(word)) {
      output.put("effort", word);
    } else if (word.equals("minimal")) {
      warnings.add(effort.path(), "is raised to low, the minimum that Bedrock accepts");
      output.put("effort", "low");
    } else if (!word.equals("none")) {
      throw new InvalidInputException(
          effort.path(), "must be none, minimal, low, medium, high, xhigh or max");
    } else if (claudeThinking.isEmpty()) {
      warnings.addIgnored(effort.path(), "Bedrock has no setting that disables reasoning");
    }
  }

  private void writeFormat(OutputFormat format, ObjectNode output) {
    switch (format) {
      case OutputFormat.PlainText() -> {}
      case OutputFormat.SchemaJson schema -> {
        ObjectNode text = output.putObject("textFormat").put("type", "json_schema");
        ObjectNode json = text.putObject("structure").putObject("jsonSchema");
        json.put("schema", schema.schema().toString());
        schema.name().ifPresent(name -> json.put("name", name));
        schema.description().ifPresent(description -> json.put("description", description));
        warnings.addIgnored(schema.unread(), NO_EQUIVALENT);
      }
      case OutputFormat.AnyJson(String typePath) -> throw unsupportedFormat(typePath);
      case OutputFormat.VendorFormat vendor -> throw unsupportedFormat(vendor.typePath());
    }
  }

  private static InvalidInputException unsupportedFormat(String typePath) {
    return new InvalidInputException(
        typePath, "must be text or json_schema: Bedrock supports no other format");
  }

  /// Adds the Bedrock-specific object that the client sent under this name, whose members take
  /// precedence.
  private void putWithOverrides(String name, ObjectNode json) {
    if (members.object(name) instanceof ObjectNode overrides) {
      json.setAll(overrides);
    }
    if (!json.isEmpty()) {
      body.set(name, json);
    }
  }

  /// Writes the tools. Bedrock requires definitions if the messages have tool calls.
  private void writeTools(BedrockConverseMessageWriter messages, BedrockCachePoints cachePoints) {
    ArrayNode tools = ProviderJson.array();
    for (ChatTool tool : request.tools()) {
      tools.add(tool(tool));
      if (tool instanceof FunctionTool function) {
        function
            .extensions()
            .cacheMarker()
            .ifPresent(marker -> cachePoints.addToTools(marker, tools));
      }
    }
    if (tools.isEmpty()) {
      messages.calledFunctions().forEach(name -> tools.add(calledFunction(name)));
    }
    ObjectNode choice = ProviderJson.object();
    if (request.toolChoice().isPresent()) {
      Member<ToolChoice> requested = request.toolChoice().get();
      switch (requested.value()) {
        case ToolChoice.AutomaticChoice() -> choice.putObject("auto");
        case ToolChoice.NoTool() -> {
          if (!messages.usesTools()) {
            return;
          }
          warnings.addIgnored(
              requested.path(), "Bedrock cannot prevent tool calls after an earlier tool call");
        }
        case ToolChoice.AnyTool() -> choice.putObject("any");
        case ToolChoice.NamedFunction(String name) -> choice.putObject("tool").put("name", name);
        case ToolChoice.AllowedFunctions _, ToolChoice.VendorChoice _ ->
            throw new InvalidInputException(
                requested.path(), "must be auto, none, required or a function");
      }
    }
    if (tools.isEmpty()) {
      return;
    }
    ObjectNode config = body.putObject("toolConfig");
    config.set("tools", tools);
    if (!choice.isEmpty()) {
      config.set("toolChoice", choice);
    }
  }

  /// A function that the client does not offer any more.
  private ObjectNode calledFunction(String name) {
    warnings.add("tools", "has the function " + name + ": Bedrock requires all that were called");
    ObjectNode json = ProviderJson.object();
    json.putObject("toolSpec")
        .put("name", name)
        .putObject("inputSchema")
        .putObject("json")
        .put("type", "object")
        .putObject("properties");
    return json;
  }

  private JsonNode tool(ChatTool tool) {
    return switch (tool) {
      case VendorTool vendor -> {
        if (vendor.type().isPresent()) {
          throw new InvalidInputException(
              vendor.path() + ".type", "must be function: Bedrock's own tools have no type");
        }
        yield vendor.definition();
      }
      case FunctionTool function -> function(function);
    };
  }

  private ObjectNode function(FunctionTool function) {
    ObjectNode json = ProviderJson.object();
    ObjectNode spec = json.putObject("toolSpec").put("name", function.name());
    function
        .description()
        .filter(text -> !text.isEmpty())
        .ifPresent(text -> spec.put("description", text));
    ObjectNode input = spec.putObject("inputSchema");
    function
        .parameters()
        .ifPresentOrElse(
            schema -> {
              if (!schema.value().isObject()) {
                throw new InvalidInputException(schema.path(), "must be an object");
              }
              input.set("json", schema.value());
            },
            () -> input.putObject("json").put("type", "object").putObject("properties"));
    function.strict().ifPresent(strict -> spec.put("strict", strict.value()));
    warnings.addIgnored(function.extensions().unread(), NO_EQUIVALENT);
    return json;
  }

  private void writeOther(RequestOption option) {
    switch (option) {
      case CHOICES ->
          options.requireOne(option, "must be 1: Bedrock returns one choice per request");
      case LOG_PROBABILITIES ->
          options.reject(option, "is not supported: Bedrock does not return probabilities");
      case LOGIT_BIAS -> options.reject(option, "is not supported: Bedrock cannot bias tokens");
      case AUDIO_OUTPUT ->
          options.reject(option, "is not supported: Bedrock does not return audio");
      case WEB_SEARCH -> options.reject(option, "is not supported: add a systemTool to tools");
      case MODALITIES ->
          options
              .take(option)
              .filter(list ->
                  list.value().valueStream().anyMatch(it -> !it.stringValue("").equals("text")))
              .ifPresent(list -> {
                throw new InvalidInputException(list.path(), "must be [\"text\"]");
              });
      case PARALLEL_TOOL_CALLS ->
          options
              .take(option)
              .filter(isParallel -> !isParallel.value().booleanValue())
              .ifPresent(isParallel ->
                  warnings.addIgnored(isParallel.path(), "a model may call several tools at once"));
      case REASONING_BUDGET ->
          options.ignore(option, "Bedrock has no budget; use the model's own members");
      case SEED, PRESENCE_PENALTY, FREQUENCY_PENALTY -> options.ignore(option, NO_SUPPORT);
      case VERBOSITY -> options.ignore(option, "Bedrock has no verbosity setting");
      case PREDICTION -> options.ignore(option, "Bedrock does not accept predicted output");
      case PROMPT_CACHE_KEY, PROMPT_CACHE_RETENTION ->
          options.ignore(option, "use cache_control to mark what to cache");
      case SERVICE_TIER -> options.ignore(option, "use serviceTier with Bedrock's values");
      case STORE, METADATA -> options.ignore(option, NOT_STORED);
      case USER, SAFETY_IDENTIFIER ->
          options.ignore(option, "Bedrock does not accept a user identifier");
      case MAX_TOKENS,
          TEMPERATURE,
          TOP_P,
          TOP_K,
          STOP_SEQUENCES,
          REASONING_EFFORT,
          REASONING_SETTINGS,
          TOP_LOG_PROBABILITIES,
          STREAM_OPTIONS -> {}
    }
  }
}
