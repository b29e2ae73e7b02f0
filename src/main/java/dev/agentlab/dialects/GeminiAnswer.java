package dev.agentlab.dialects;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Reads one answer of Gemini, or one piece after the other of an answer that streams: they have
/// the same form.
final class GeminiAnswer {
  /// Ends that are no answer.
  private static final Set<String> FAILURES =
      Set.of(
          "MALFORMED_FUNCTION_CALL",
          "MALFORMED_RESPONSE",
          "MISSING_THOUGHT_SIGNATURE",
          "TOO_MANY_TOOL_CALLS",
          "UNEXPECTED_TOOL_CALL");

  private static final Set<String> READ =
      Set.of("content", "index", "finishReason", "logprobsResult");

  private static final Set<String> ANSWER =
      Set.of("candidates", "promptFeedback", "usageMetadata", "modelVersion", "responseId");

  private static final Set<String> USAGE =
      Set.of(
          "promptTokenCount",
          "candidatesTokenCount",
          "totalTokenCount",
          "thoughtsTokenCount",
          "cachedContentTokenCount",
          "toolUsePromptTokenCount");

  private final ChatSink sink;

  /// What the calls are numbered after: their ids are to differ from those of other answers.
  private String id;

  /// How many tools each choice has called.
  private final Map<Integer, Integer> calls = new HashMap<>();

  GeminiAnswer(ChatSink sink, Instant at) {
    this.sink = sink;
    id = Long.toString(at.toEpochMilli(), Character.MAX_RADIX);
  }

  /// @throws ProviderFault if there is no answer in it
  static CompleteAnswer whole(ModelRequest request, JsonNode json, Instant at) {
    if (!json.path("candidates").isArray() && !json.path("promptFeedback").isObject()) {
      throw new ProviderErrorException("the answer has no candidates", Optional.empty());
    }
    ChatCompletionBuilder whole = new ChatCompletionBuilder();
    GeminiAnswer answer = new GeminiAnswer(whole, at);
    answer.identify(json);
    answer.read(json);
    ObjectNode completion =
        whole.json(
            answer.completionId(),
            model(json, request.model()),
            at,
            usage(json.path("usageMetadata")));
    completion.setAll(extra(unread(json)));
    return CompleteAnswer.of(completion);
  }

  /// What stands in an answer beside what is read of it, for [#extra].
  static ObjectNode unread(JsonNode json) {
    ObjectNode unread = UnreadMembers.of(json, ANSWER);
    JsonNode feedback = json.path("promptFeedback");
    if (feedback.isObject() && !isBlocked(feedback)) {
      unread.set("promptFeedback", feedback);
    }
    return unread;
  }

  private static boolean isBlocked(JsonNode feedback) {
    return feedback.path("blockReason").isString();
  }

  /// The member that Google's own part of something stands in; none if there is nothing.
  static ObjectNode extra(ObjectNode google) {
    ObjectNode members = ChatSink.object();
    if (!google.isEmpty()) {
      members.putObject(Gemini.EXTRA).set(Gemini.GOOGLE, google);
    }
    return members;
  }

  /// The model that answered, the one asked for if the answer does not say.
  static String model(JsonNode json, String asked) {
    return json.path("modelVersion").stringValue(asked);
  }

  /// Notes what a piece calls the answer.
  void identify(JsonNode json) {
    id = json.path("responseId").stringValue(id);
  }

  String completionId() {
    return "chatcmpl-" + id;
  }

  /// Gives to the sink what a piece says.
  ///
  /// @throws ProviderFault if it says that the model failed
  void read(JsonNode json) {
    json.path("candidates").forEach(this::candidate);
    JsonNode feedback = json.path("promptFeedback");
    if (isBlocked(feedback)) {
      sink.member(0, Gemini.EXTRA, google("promptFeedback", feedback));
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
      if (!READ.contains(name)) {
        rest.set(name, value);
      }
    });
    if (FAILURES.contains(reason)) {
      throw new ProviderErrorException(
          candidate.path("finishMessage").stringValue("the model ended with " + reason),
          Optional.of(reason));
    }
    String finish = finish(choice, reason);
    if (finish.equals("content_filter")) {
      rest.put("finishReason", reason);
    }
    if (!rest.isEmpty()) {
      sink.member(choice, Gemini.EXTRA, ChatSink.object().set(Gemini.GOOGLE, rest));
    }
    if (!finish.isEmpty()) {
      sink.finish(choice, finish);
    }
  }

  /// What Gemini ends with but for itself or a limit, it withholds.
  private String finish(int choice, String reason) {
    return switch (reason) {
      case "", "FINISH_REASON_UNSPECIFIED" -> "";
      case "STOP" -> calls.containsKey(choice) ? "tool_calls" : "stop";
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
    int index = calls.merge(choice, 1, Integer::sum) - 1;
    String made = "call_%s_%d_%d".formatted(id, choice, index);
    ObjectNode json = ChatSink.object().put("index", index);
    json.put("id", call.path("id").stringValue(made)).put("type", "function");
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
    return ChatSink.object().set(Gemini.EXTRA, google(name, value));
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

  /// OpenAI's `usage`; missing if the answer has none.
  static JsonNode usage(JsonNode counted) {
    if (!counted.isObject()) {
      return counted;
    }
    long thoughts = counted.path("thoughtsTokenCount").longValue(0);
    long prompt =
        counted.path("promptTokenCount").longValue(0)
            + counted.path("toolUsePromptTokenCount").longValue(0);
    long completion = counted.path("candidatesTokenCount").longValue(0) + thoughts;
    ObjectNode usage = ChatSink.object();
    usage.put("prompt_tokens", prompt).put("completion_tokens", completion);
    usage.put("total_tokens", counted.path("totalTokenCount").longValue(prompt + completion));
    usage
        .putObject("prompt_tokens_details")
        .put("cached_tokens", counted.path("cachedContentTokenCount").longValue(0));
    usage.putObject("completion_tokens_details").put("reasoning_tokens", thoughts);
    usage.setAll(extra(UnreadMembers.of(counted, USAGE)));
    return usage;
  }
}
