package dev.agentlab.dialects;

import dev.agentlab.conversation.ChatMessage;
import dev.agentlab.conversation.ChatRequest;
import dev.agentlab.conversation.ChatTool;
import dev.agentlab.conversation.Member;
import dev.agentlab.conversation.OutputFormat;
import dev.agentlab.conversation.RequestOption;
import dev.agentlab.conversation.ToolChoice;
import dev.agentlab.conversation.UnreadMembers;
import dev.agentlab.errors.InvalidInputException;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/// Reads a client's request of Google's Gemini API (https://ai.google.dev/api/generate-content).
/// Members may be spelled `generationConfig` or `generation_config`; errors name the first.
///
/// Members, parts and tools that only Google has are kept as they came. The unread members of
/// `generationConfig` and `toolConfig` are the inner ones of the request.
final class GeminiRequestReader {
  /// A number of thinking tokens that the model chooses.
  private static final int DYNAMIC_BUDGET = -1;

  private final ModelRequest request;
  private final RequestMemberReader members;
  private final RequestMemberReader generation;
  private final RequestMemberReader thinking;
  private final RequestMemberReader toolConfig;
  private final RequestMemberReader calling;
  private final Map<RequestOption, Member<JsonNode>> options = new EnumMap<>(RequestOption.class);

  private GeminiRequestReader(ModelRequest request) {
    this.request = request;
    RequestMemberReader body =
        RequestMemberReader.of(request.body(), GeminiRequestReader::camelCase);
    members =
        body.peek("generateContentRequest") instanceof ObjectNode inner
            ? body.nested("generateContentRequest", inner)
            : body;
    generation = members.nested("generationConfig");
    thinking = generation.nested("thinkingConfig");
    toolConfig = members.nested("toolConfig");
    calling = toolConfig.nested("functionCallingConfig");
  }

  /// Reads the request for a chat, or for the count of its tokens.
  ///
  /// @throws InvalidInputException if the request is not valid; names the member
  static ChatRequest read(ModelRequest request) {
    return new GeminiRequestReader(request).read();
  }

  /// The spelling of a name in Google's documentation: `functionCall` for `function_call`.
  static String camelCase(String name) {
    if (name.indexOf('_') < 0) {
      return name;
    }
    StringBuilder camelCase = new StringBuilder(name.length());
    boolean isUpper = false;
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c != '_') {
        camelCase.append(isUpper ? Character.toUpperCase(c) : c);
      }
      isUpper = c == '_' && !camelCase.isEmpty();
    }
    return camelCase.toString();
  }

  private ChatRequest read() {
    // The model is in the URL.
    members.take("model");
    if (RequestMemberReader.hasEffect(members.peek("cachedContent"))) {
      throw members.invalid(
          "cachedContent", "must be absent for this model: only Google has the cached content");
    }
    List<ChatMessage> messages = GeminiContentReader.read(members);
    List<ChatTool> tools = GeminiToolReader.tools(members);
    Optional<Member<ToolChoice>> toolChoice = GeminiToolReader.choice(calling);
    options();
    thinking();
    Optional<Member<OutputFormat>> outputFormat = outputFormat();
    return new ChatRequest(
        new Member<>("model", request.model()),
        request.isStreaming(),
        messages,
        tools,
        toolChoice,
        outputFormat,
        options,
        members.unread(generation, thinking, toolConfig, calling),
        Optional.of(Gemini.VENDOR));
  }

  private void options() {
    generation.option(RequestOption.MAX_TOKENS, "maxOutputTokens", options);
    generation.option(RequestOption.TEMPERATURE, "temperature", options);
    generation.option(RequestOption.TOP_P, "topP", options);
    generation.option(RequestOption.TOP_K, "topK", options);
    generation.option(RequestOption.CHOICES, "candidateCount", options);
    generation.option(RequestOption.SEED, "seed", options);
    generation.option(RequestOption.PRESENCE_PENALTY, "presencePenalty", options);
    generation.option(RequestOption.FREQUENCY_PENALTY, "frequencyPenalty", options);
    generation.option(RequestOption.LOG_PROBABILITIES, "responseLogprobs", options);
    generation.option(RequestOption.TOP_LOG_PROBABILITIES, "logprobs", options);
    members.option(RequestOption.STORE, "store", options);
    JsonNode stops = generation.list("stopSequences");
    if (!stops.valueStream().allMatch(JsonNode::isString)) {
      throw generation.invalid("stopSequences", "must be an array of strings");
    }
    if (!stops.isEmpty()) {
      put(generation, RequestOption.STOP_SEQUENCES, "stopSequences", stops);
    }
    ArrayNode modalities = ProviderJson.array();
    generation
        .list("responseModalities")
        .forEach(word -> modalities.add(word.asString("").toLowerCase(Locale.ROOT)));
    // Text is the default.
    if (!modalities.isEmpty() && !modalities.equals(ProviderJson.array().add("text"))) {
      put(generation, RequestOption.MODALITIES, "responseModalities", modalities);
    }
  }

  private void put(RequestMemberReader from, RequestOption option, String name, JsonNode value) {
    options.put(option, new Member<>(from.path(name), value));
  }

  /// Reads how much the model thinks. Whether thoughts are returned is not asked of other
  /// providers: clients tell them from the answer.
  private void thinking() {
    thinking.take("includeThoughts");
    JsonNode budget = thinking.number("thinkingBudget");
    if (budget.isNumber() && budget.intValue(DYNAMIC_BUDGET) == 0) {
      put(thinking, RequestOption.REASONING_EFFORT, "thinkingBudget", StringNode.valueOf("none"));
    } else if (budget.isNumber() && budget.intValue(DYNAMIC_BUDGET) > 0) {
      put(thinking, RequestOption.REASONING_BUDGET, "thinkingBudget", budget);
    }
    thinking
        .text("thinkingLevel")
        .filter(level -> !level.equals("THINKING_LEVEL_UNSPECIFIED"))
        .ifPresent(level ->
            put(
                thinking,
                RequestOption.REASONING_EFFORT,
                "thinkingLevel",
                StringNode.valueOf(level.toLowerCase(Locale.ROOT))));
  }

  private Optional<Member<OutputFormat>> outputFormat() {
    String typePath = generation.path("responseMimeType");
    Optional<String> type = generation.text("responseMimeType");
    JsonNode ofGoogle = generation.object("responseSchema");
    JsonNode ofJson = generation.object("responseJsonSchema");
    if (ofJson instanceof ObjectNode schema) {
      return Optional.of(schema(generation.path("responseJsonSchema"), schema));
    }
    if (ofGoogle instanceof ObjectNode schema) {
      return Optional.of(
          schema(generation.path("responseSchema"), GeminiSchema.toClosedJsonSchema(schema)));
    }
    return switch (type.orElse("")) {
      case "", "text/plain" -> Optional.empty();
      case "application/json" ->
          Optional.of(new Member<>(typePath, new OutputFormat.AnyJson(typePath)));
      default ->
          throw generation.invalid(
              "responseMimeType", "must be text/plain or application/json for this model");
    };
  }

  /// Gemini guarantees every schema, other providers only one that describes all members.
  private static Member<OutputFormat> schema(String path, ObjectNode schema) {
    return new Member<>(
        path,
        new OutputFormat.SchemaJson(
            Optional.empty(),
            Optional.empty(),
            schema,
            GeminiSchema.isClosed(schema) ? Optional.of(true) : Optional.empty(),
            UnreadMembers.NONE));
  }
}
