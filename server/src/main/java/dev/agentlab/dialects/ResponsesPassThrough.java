package dev.agentlab.dialects;

import dev.agentlab.conversation.ChatRequest;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.memory.MemoryBudget;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/// How requests and responses of OpenAI's Responses API pass to and from providers that have it, as
/// the bytes that they are (https://platform.openai.com/docs/api-reference/responses).
///
/// @param headers the header fields that every request has
record ResponsesPassThrough(Map<String, String> headers) implements PassThrough {
  private static final String INPUT = "input";
  private static final String INSTRUCTIONS = "instructions";
  private static final String REASONING = "reasoning";

  /// The options of an agent that change the number of input tokens.
  private static final Set<String> COUNTED =
      Set.of("parallel_tool_calls", REASONING, "text", "tool_choice", "tools");

  /// The options of an agent that apply to a compaction.
  private static final Set<String> COMPACTED =
      Set.of("prompt_cache_key", "prompt_cache_retention", "service_tier");

  @Override
  public ProviderRequest request(ModelRequest request) {
    TranslationWarnings warnings = new TranslationWarnings();
    RequestJson json = withDefaults(request, warnings);
    byte[] body = json.toBytes();
    if (ReplayCarrier.mayBeIn(body) || ResponseIds.mayHaveReasoning(body)) {
      body = withoutOtherReasoning(json).toBytes();
    }
    return new ProviderRequest(
        request.operation().path(),
        PassThrough.headers(request.vendorHeaders(), headers),
        body,
        warnings.messages());
  }

  /// Removes the reasoning of other vendors, whose models answered earlier in the conversation:
  /// OpenAI refuses what it has not encrypted, and an id that it does not know.
  private static RequestJson withoutOtherReasoning(RequestJson json) {
    if (!(json.value(INPUT) instanceof ArrayNode input)) {
      return json;
    }
    List<JsonNode> kept = input.valueStream().filter(it -> !isOtherReasoning(it)).toList();
    return kept.size() == input.size() ? json : json.with(INPUT, ProviderJson.array().addAll(kept));
  }

  private static boolean isOtherReasoning(JsonNode item) {
    return item.path("type").stringValue("").equals(REASONING)
        && (ReplayCarrier.decode(item.path("encrypted_content").stringValue("")).isPresent()
            || ResponseIds.responseOf(item.path("id").stringValue("")).isPresent());
  }

  /// Adds the system prompt and the options of an agent, in the form of this API.
  private static RequestJson withDefaults(ModelRequest request, TranslationWarnings warnings) {
    Optional<ChatRequest> defaults = request.defaults();
    if (defaults.isEmpty()) {
      return request.json();
    }
    String prompt = request.defaultValue("messages").at("/0/content").stringValue("");
    RequestJson merged = withInstructions(request.json(), prompt);
    ObjectNode options = new ResponsesOptionWriter(defaults.get(), warnings).json();
    for (Map.Entry<String, JsonNode> option : options.properties()) {
      if (appliesTo(request.operation(), option.getKey())) {
        merged = withDefault(merged, option.getKey(), option.getValue());
      }
    }
    return merged;
  }

  private static boolean appliesTo(Operation operation, String option) {
    return switch (operation) {
      case COUNT_RESPONSE_TOKENS -> COUNTED.contains(option);
      case COMPACT_RESPONSE -> COMPACTED.contains(option);
      default -> true;
    };
  }

  private static RequestJson withInstructions(RequestJson json, String prompt) {
    if (prompt.isEmpty()) {
      return json;
    }
    JsonNode own = json.value(INSTRUCTIONS);
    if (!own.isMissingNode() && !own.isNull() && !own.isString()) {
      throw new InvalidInputException(INSTRUCTIONS, "must be a string");
    }
    String text = own.stringValue("");
    return json.with(
        INSTRUCTIONS, StringNode.valueOf(text.isEmpty() ? prompt : prompt + "\n\n" + text));
  }

  /// Adds an option, or of an object in which the client has other options what it lacks.
  private static RequestJson withDefault(RequestJson json, String name, JsonNode value) {
    if (!json.has(name)) {
      return json.with(name, value);
    }
    if (value instanceof ObjectNode inner
        && Set.of(REASONING, "text").contains(name)
        && json.value(name) instanceof ObjectNode own) {
      return json.with(name, inner.deepCopy().setAll(own));
    }
    return json;
  }

  @Override
  public Optional<CompleteAnswer> scan(Operation operation, byte[] body) {
    return ResponsesScanner.scan(body);
  }

  @Override
  public CompleteAnswer read(Operation operation, JsonNode json, byte[] body) {
    if (json.path("status").stringValue("").equals("failed")) {
      throw new ProviderErrorException("the response failed", Optional.empty());
    }
    if (!json.path("output").isArray()) {
      throw new ProviderErrorException("the response has no output", Optional.empty());
    }
    return new CompleteAnswer(
        body, OpenAiUsage.RESPONSES.read(json.path("usage")), ResponsesScanner.finishReason(json));
  }

  @Override
  public StreamReader stream(ExpectedStream expected, MemoryBudget.Reservation memory) {
    return new ResponsesTap(expected, memory);
  }
}
