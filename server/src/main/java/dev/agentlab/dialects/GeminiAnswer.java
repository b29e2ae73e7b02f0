package dev.agentlab.dialects;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Translates a response of Gemini, or successive chunks of a stream, which have the same format.
final class GeminiAnswer {
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

  private final ChatSink sink;

  /// The id from which tool call ids are derived, so that they differ between responses.
  private String id;

  /// The number of tool calls of each choice.
  private final Map<Integer, Integer> toolCallCounts = new HashMap<>();

  GeminiAnswer(ChatSink sink, Instant at) {
    this.sink = sink;
    id = Long.toString(at.toEpochMilli(), Character.MAX_RADIX);
  }

  /// @throws ProviderErrorException if the response has no candidates
  static CompleteAnswer completion(ModelRequest request, JsonNode json, Instant at) {
    if (!json.path("candidates").isArray() && !json.path("promptFeedback").isObject()) {
      throw new ProviderErrorException("the response has no candidates", Optional.empty());
    }
    ChatCompletionBuilder builder = new ChatCompletionBuilder();
    GeminiAnswer answer = new GeminiAnswer(builder, at);
    answer.updateId(json);
    answer.read(json);
    ObjectNode completion =
        builder.build(
            answer.completionId(),
            model(json, request.model()),
            at,
            usage(json.path("usageMetadata")));
    completion.setAll(extra(unread(json)));
    return CompleteAnswer.of(completion);
  }

  /// The members of a response that are not translated, as input for [#extra].
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

  /// The member [Gemini#EXTRA_CONTENT] with this content; no member if the content is empty.
  static ObjectNode extra(ObjectNode google) {
    ObjectNode members = ChatSink.object();
    if (!google.isEmpty()) {
      members.putObject(Gemini.EXTRA_CONTENT).set(Gemini.GOOGLE, google);
    }
    return members;
  }

  /// The model that produced the response; the requested model if the response does not name one.
  static String model(JsonNode json, String requested) {
    return json.path("modelVersion").stringValue(requested);
  }

  /// Records the response id of a chunk.
  void updateId(JsonNode json) {
    id = json.path("responseId").stringValue(id);
  }

  String completionId() {
    return "chatcmpl-" + id;
  }

  /// Passes the content of a chunk to the sink.
  ///
  /// @throws ProviderErrorException if the finish reason is an error
  void read(JsonNode json) {
    json.path("candidates").forEach(this::candidate);
    JsonNode feedback = json.path("promptFeedback");
    if (isBlocked(feedback)) {
      sink.member(0, Gemini.EXTRA_CONTENT, google("promptFeedback", feedback));
      sink.finish(0, "content_filter");
    }
  }

  private void candidate(JsonNode candidate) {
    int choice = candidate.path("index").intValue(0);
    candidate.at("/content/parts").forEach(part -> part(choice, part));
    JsonNode logprobs = candidate.path("logprobsResult");
    if (logprobs.isObject()) {
      sink.member(choice, "logprobs", logprobs(logprobs));
    }
    String reason = candidate.path("finishReason").stringValue("");
    ObjectNode rest = ChatSink.object();
    candidate.forEachEntry((name, value) -> {
      if (!CANDIDATE_MEMBERS.contains(name)) {
        rest.set(name, value);
      }
    });
    if (ERROR_REASONS.contains(reason)) {
      throw new ProviderErrorException(
          candidate.path("finishMessage").stringValue("the model stopped with " + reason),
          Optional.of(reason));
    }
    String finish = finish(choice, reason);
    if (finish.equals("content_filter")) {
      rest.put("finishReason", reason);
    }
    if (!rest.isEmpty()) {
      sink.member(choice, Gemini.EXTRA_CONTENT, ChatSink.object().set(Gemini.GOOGLE, rest));
    }
    if (!finish.isEmpty()) {
      sink.finish(choice, finish);
    }
  }

  /// The OpenAI finish reason. Any reason other than a regular stop or a limit means that Gemini
  /// withheld content.
  private String finish(int choice, String reason) {
    return switch (reason) {
      case "", "FINISH_REASON_UNSPECIFIED" -> "";
      case "STOP" -> toolCallCounts.containsKey(choice) ? "tool_calls" : "stop";
      case "MAX_TOKENS" -> "length";
      default -> "content_filter";
    };
  }

  private void part(int choice, JsonNode part) {
    JsonNode call = part.path("functionCall");
    JsonNode signature = part.path("thoughtSignature");
    if (call.isObject()) {
      call(choice, call, signature);
      return;
    }
    JsonNode text = part.path("text");
    if (!text.isString()) {
      sink.delta(choice, extra("parts", ChatSink.array().add(part)));
      return;
    }
    if (part.path("thought").booleanValue(false)) {
      sink.reasoning(choice, text.stringValue());
    } else if (!text.stringValue().isEmpty()) {
      sink.text(choice, text.stringValue());
    }
    if (signature.isString()) {
      sink.delta(choice, extra("thought_signature", signature));
    }
  }

  private void call(int choice, JsonNode call, JsonNode signature) {
    int index = toolCallCounts.merge(choice, 1, Integer::sum) - 1;
    String defaultId = "call_%s_%d_%d".formatted(id, choice, index);
    ObjectNode json = ChatSink.object().put("index", index);
    json.put("id", call.path("id").stringValue(defaultId)).put("type", "function");
    JsonNode arguments = call.path("args");
    json.putObject("function")
        .put("name", call.path("name").stringValue(""))
        .put("arguments", arguments.isObject() ? arguments.toString() : "{}");
    if (signature.isString()) {
      json.setAll(extra("thought_signature", signature));
    }
    sink.toolCall(choice, json);
  }

  private static ObjectNode extra(String name, JsonNode value) {
    return ChatSink.object().set(Gemini.EXTRA_CONTENT, google(name, value));
  }

  private static ObjectNode google(String name, JsonNode value) {
    return ChatSink.object().set(Gemini.GOOGLE, ChatSink.object().set(name, value));
  }

  private static ObjectNode logprobs(JsonNode result) {
    ObjectNode json = ChatSink.object();
    ArrayNode content = json.putArray("content");
    JsonNode chosen = result.path("chosenCandidates");
    for (int i = 0; i < chosen.size(); i++) {
      ObjectNode token = logprob(chosen.path(i));
      ArrayNode top = token.putArray("top_logprobs");
      result.path("topCandidates").path(i).path("candidates").forEach(it -> top.add(logprob(it)));
      content.add(token);
    }
    return json;
  }

  private static ObjectNode logprob(JsonNode candidate) {
    ObjectNode json = ChatSink.object();
    json.set("token", candidate.path("token"));
    json.set("logprob", candidate.path("logProbability"));
    return json.putNull("bytes");
  }

  /// Translates the usage to OpenAI's `usage`; a missing node if the response has none.
  static JsonNode usage(JsonNode geminiUsage) {
    if (!geminiUsage.isObject()) {
      return geminiUsage;
    }
    long reasoning = geminiUsage.path("thoughtsTokenCount").longValue(0);
    long prompt =
        geminiUsage.path("promptTokenCount").longValue(0)
            + geminiUsage.path("toolUsePromptTokenCount").longValue(0);
    long completion = geminiUsage.path("candidatesTokenCount").longValue(0) + reasoning;
    ObjectNode usage = ChatSink.object();
    usage.put("prompt_tokens", prompt).put("completion_tokens", completion);
    usage.put("total_tokens", geminiUsage.path("totalTokenCount").longValue(prompt + completion));
    usage
        .putObject("prompt_tokens_details")
        .put("cached_tokens", geminiUsage.path("cachedContentTokenCount").longValue(0));
    usage.putObject("completion_tokens_details").put("reasoning_tokens", reasoning);
    usage.setAll(extra(UnreadResponseMembers.of(geminiUsage, USAGE_MEMBERS)));
    return usage;
  }
}
