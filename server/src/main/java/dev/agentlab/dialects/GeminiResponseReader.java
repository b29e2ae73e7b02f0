package dev.agentlab.dialects;

import dev.agentlab.conversation.FinishReason;
import dev.agentlab.conversation.StreamEvent;
import dev.agentlab.conversation.StreamEvent.ResponseStarted;
import dev.agentlab.conversation.TokenClass;
import dev.agentlab.conversation.TokenProbability;
import dev.agentlab.conversation.TokenUsage;
import dev.agentlab.conversation.VendorMembers;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Reads a response of Gemini, or successive chunks of a stream, which have the same format.
final class GeminiResponseReader {
  /// The prefix of response ids, which Gemini's ids lack.
  private static final String ID_PREFIX = "chatcmpl-";

  /// Finish reasons that are errors.
  private static final Set<String> ERROR_REASONS =
      Set.of(
          "MALFORMED_FUNCTION_CALL",
          "MALFORMED_RESPONSE",
          "MISSING_THOUGHT_SIGNATURE",
          "TOO_MANY_TOOL_CALLS",
          "UNEXPECTED_TOOL_CALL");

  private static final Set<String> CANDIDATE_MEMBERS =
      Set.of("content", "index", "finishReason", "logprobsResult");

  private static final Set<String> RESPONSE_MEMBERS =
      Set.of("candidates", "promptFeedback", "usageMetadata", "modelVersion", "responseId");

  private static final Set<String> USAGE_MEMBERS =
      Set.of(
          "promptTokenCount",
          "candidatesTokenCount",
          "totalTokenCount",
          "thoughtsTokenCount",
          "cachedContentTokenCount",
          "toolUsePromptTokenCount");

  private final Consumer<StreamEvent> events;
  private final BlockSequence blocks;

  /// The id from which tool call ids are derived, so that they differ between responses.
  private String id;

  private Optional<ResponseStarted> started = Optional.empty();

  /// The number of tool calls of each choice.
  private final Map<Integer, Integer> toolCallCounts = new HashMap<>();

  /// @param at when the response began
  GeminiResponseReader(Consumer<StreamEvent> events, Instant at) {
    this.events = events;
    this.blocks = new BlockSequence(events);
    id = Long.toString(at.toEpochMilli(), Character.MAX_RADIX);
  }

  /// Reads a non-streaming response.
  ///
  /// @throws ProviderErrorException if the response has no candidates
  static void read(JsonNode json, Instant at, Consumer<StreamEvent> events) {
    if (!json.path("candidates").isArray() && !json.path("promptFeedback").isObject()) {
      throw new ProviderErrorException("the response has no candidates", Optional.empty());
    }
    new GeminiResponseReader(events, at).read(json);
    events.accept(
        new StreamEvent.ResponseFinished(usage(json.path("usageMetadata")), members(unread(json))));
  }

  /// The members of a response that are not translated.
  static ObjectNode unread(JsonNode json) {
    ObjectNode unread = UnreadResponseMembers.of(json, RESPONSE_MEMBERS);
    JsonNode feedback = json.path("promptFeedback");
    if (feedback.isObject() && !isBlocked(feedback)) {
      unread.set("promptFeedback", feedback);
    }
    return unread;
  }

  private static boolean isBlocked(JsonNode feedback) {
    return feedback.path("blockReason").isString();
  }

  /// Data of Google; empty if there are no members.
  static Optional<VendorMembers> members(ObjectNode members) {
    return members.isEmpty()
        ? Optional.empty()
        : Optional.of(new VendorMembers(Gemini.VENDOR, members));
  }

  private static VendorMembers members(String name, JsonNode value) {
    ObjectNode members = ProviderJson.object();
    members.set(name, value);
    return new VendorMembers(Gemini.VENDOR, members);
  }

  /// Passes on the content of a response or chunk.
  ///
  /// @throws ProviderErrorException if the finish reason is an error
  void read(JsonNode json) {
    id = json.path("responseId").stringValue(id);
    Optional<String> model = json.path("modelVersion").stringValueOpt();
    ResponseStarted start =
        new ResponseStarted(Optional.of(ID_PREFIX + id), model, OptionalLong.empty());
    if (!started.equals(Optional.of(start))) {
      started = Optional.of(start);
      events.accept(start);
    }
    json.path("candidates").forEach(this::readCandidate);
    JsonNode feedback = json.path("promptFeedback");
    if (isBlocked(feedback)) {
      events.accept(new StreamEvent.ChoiceVendorData(0, members("promptFeedback", feedback)));
      finishChoice(0, FinishReason.CONTENT_FILTER, feedback.path("blockReason").stringValue());
    }
  }

  private void readCandidate(JsonNode candidate) {
    int choice = candidate.path("index").intValue(0);
    candidate.at("/content/parts").forEach(part -> readPart(choice, part));
    JsonNode logprobs = candidate.path("logprobsResult");
    if (logprobs.isObject()) {
      events.accept(new StreamEvent.LogProbabilities(choice, probabilities(logprobs)));
    }
    String word = candidate.path("finishReason").stringValue("");
    if (ERROR_REASONS.contains(word)) {
      throw new ProviderErrorException(
          candidate.path("finishMessage").stringValue("the model stopped with " + word),
          Optional.of(word));
    }
    ObjectNode rest = ProviderJson.object();
    candidate.forEachEntry((name, value) -> {
      if (!CANDIDATE_MEMBERS.contains(name)) {
        rest.set(name, value);
      }
    });
    Optional<FinishReason> reason = finishReason(word, toolCallCounts.containsKey(choice));
    if (reason.equals(Optional.of(FinishReason.CONTENT_FILTER))) {
      rest.put("finishReason", word);
    }
    if (!rest.isEmpty()) {
      events.accept(
          new StreamEvent.ChoiceVendorData(choice, new VendorMembers(Gemini.VENDOR, rest)));
    }
    reason.ifPresent(it -> finishChoice(choice, it, word));
  }

  private void finishChoice(int choice, FinishReason reason, String word) {
    blocks.end(choice);
    events.accept(new StreamEvent.ChoiceFinished(choice, reason, Gemini.VENDOR, word));
  }

  /// The finish reason. Any reason other than a regular stop or a limit means that Gemini withheld
  /// content.
  ///
  /// @param word Gemini's own; empty for none
  static Optional<FinishReason> finishReason(String word, boolean hasCalls) {
    return switch (word) {
      case "", "FINISH_REASON_UNSPECIFIED" -> Optional.empty();
      case "STOP" -> Optional.of(hasCalls ? FinishReason.TOOL_CALLS : FinishReason.STOP);
      case "MAX_TOKENS" -> Optional.of(FinishReason.LENGTH);
      default -> Optional.of(FinishReason.CONTENT_FILTER);
    };
  }

  /// Why the first candidate of a complete response ended.
  static Optional<FinishReason> firstReason(JsonNode json) {
    if (isBlocked(json.path("promptFeedback"))) {
      return Optional.of(FinishReason.CONTENT_FILTER);
    }
    JsonNode first = json.at("/candidates/0");
    return finishReason(
        first.path("finishReason").stringValue(""),
        first.at("/content/parts").valueStream().anyMatch(part -> part.has("functionCall")));
  }

  private void readPart(int choice, JsonNode part) {
    JsonNode call = part.path("functionCall");
    JsonNode signature = part.path("thoughtSignature");
    if (call.isObject()) {
      readCall(choice, call, signature);
      return;
    }
    JsonNode text = part.path("text");
    if (!text.isString()) {
      events.accept(
          new StreamEvent.VendorContent(choice, members("parts", ProviderJson.array().add(part))));
      return;
    }
    if (part.path("thought").booleanValue(false)) {
      blocks.reasoning(choice, text.stringValue());
    } else if (!text.stringValue().isEmpty()) {
      blocks.text(choice, text.stringValue());
    }
    if (signature.isString()) {
      events.accept(new StreamEvent.VendorContent(choice, members("thought_signature", signature)));
    }
  }

  private void readCall(int choice, JsonNode call, JsonNode signature) {
    blocks.end(choice);
    int index = toolCallCounts.merge(choice, 1, Integer::sum) - 1;
    String callId =
        call.path("id").stringValueOpt().orElseGet(() -> "call_" + id + "_" + choice + "_" + index);
    JsonNode arguments = call.path("args");
    int block = blocks.nextId();
    events.accept(
        new StreamEvent.ToolInputStarted(
            choice,
            block,
            callId,
            call.path("name").stringValue(""),
            arguments.isObject() ? arguments.toString() : "{}",
            signature.isString()
                ? Optional.of(members("thought_signature", signature))
                : Optional.empty()));
    events.accept(new StreamEvent.ToolInputEnded(choice, block));
  }

  private static List<TokenProbability> probabilities(JsonNode result) {
    List<TokenProbability> tokens = new ArrayList<>();
    JsonNode chosen = result.path("chosenCandidates");
    for (int i = 0; i < chosen.size(); i++) {
      List<TokenProbability> alternatives =
          result
              .path("topCandidates")
              .path(i)
              .path("candidates")
              .valueStream()
              .map(candidate -> probability(candidate, List.of()))
              .toList();
      tokens.add(probability(chosen.path(i), alternatives));
    }
    return tokens;
  }

  private static TokenProbability probability(
      JsonNode candidate, List<TokenProbability> alternatives) {
    return new TokenProbability(
        candidate.path("token").stringValue(""), candidate.path("logProbability"), alternatives);
  }

  /// Reads the usage. The input includes cached tokens, and the output excludes reasoning.
  ///
  /// @param json a missing node if the response has none
  static TokenUsage usage(JsonNode json) {
    if (!json.isObject()) {
      return TokenUsage.NONE;
    }
    long reasoning = json.path("thoughtsTokenCount").longValue(0);
    long cached = json.path("cachedContentTokenCount").longValue(0);
    long input =
        json.path("promptTokenCount").longValue(0)
            + json.path("toolUsePromptTokenCount").longValue(0);
    TokenUsage.Builder usage =
        new TokenUsage.Builder()
            .count(TokenClass.INPUT, Math.max(0, input - cached))
            .count(TokenClass.CACHED_INPUT, cached)
            .count(TokenClass.OUTPUT, json.path("candidatesTokenCount").longValue(0) + reasoning)
            .count(TokenClass.REASONING, reasoning);
    JsonNode total = json.path("totalTokenCount");
    if (total.isIntegralNumber() && total.canConvertToLong()) {
      usage.total(total.longValue());
    }
    return usage
        .further(new VendorMembers(Gemini.VENDOR, UnreadResponseMembers.of(json, USAGE_MEMBERS)))
        .build();
  }
}
