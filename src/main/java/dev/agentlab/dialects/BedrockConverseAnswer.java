package dev.agentlab.dialects;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What Converse's answers mean, whole ones and those that stream.
final class BedrockConverseAnswer {
  private static final Set<String> READ = Set.of("output", "stopReason", "usage", "metrics");

  private static final Set<String> USAGE =
      Set.of(
          "inputTokens",
          "outputTokens",
          "totalTokens",
          "cacheReadInputTokens",
          "cacheWriteInputTokens");

  private BedrockConverseAnswer() {}

  /// @throws ProviderFault if there is no answer in it
  static CompleteAnswer whole(ModelRequest request, JsonNode json, Instant at) {
    JsonNode content = json.at("/output/message/content");
    if (!content.isArray()) {
      throw new ProviderErrorException(
          json.path("message").stringValue("the answer has no message"),
          json.path("__type").stringValueOpt());
    }
    ChatCompletionBuilder whole = new ChatCompletionBuilder();
    whole.delta(0, ChatSink.object());
    int calls = 0;
    for (JsonNode block : content) {
      JsonNode call = block.path("toolUse");
      if (isForTheCaller(call)) {
        whole.toolCall(
            0,
            calls++,
            call.path("toolUseId").stringValue(""),
            call.path("name").stringValue(""),
            call.path("input").isMissingNode() ? "{}" : call.path("input").toString());
      } else {
        block(whole, block);
      }
    }
    stop(whole, json.path("stopReason").stringValue(""));
    ObjectNode completion = whole.json(id(at), request.model(), at, usage(json.path("usage")));
    ObjectNode rest = UnreadMembers.of(json, READ);
    if (!rest.isEmpty()) {
      completion.set(BedrockConverse.EXTRA, ChatSink.object().set(BedrockConverse.BEDROCK, rest));
    }
    return CompleteAnswer.of(completion);
  }

  /// Whether a tool call is one, and not to a tool of Bedrock itself, which bears a type.
  static boolean isForTheCaller(JsonNode toolUse) {
    return toolUse.isObject() && !toolUse.has("type");
  }

  /// Bedrock names its answers only in a header.
  static String id(Instant at) {
    return "chatcmpl-" + at.toEpochMilli();
  }

  private static void block(ChatSink sink, JsonNode block) {
    JsonNode thought = block.path("reasoningContent");
    JsonNode cited = block.path("citationsContent");
    if (block.path("text").isString()) {
      sink.text(0, block.path("text").stringValue());
    } else if (thought.isObject()) {
      thought.at("/reasoningText/text").stringValueOpt().ifPresent(text -> sink.reasoning(0, text));
      thought(sink, thought);
    } else if (cited.isObject()) {
      cited.path("content").forEach(it -> sink.text(0, it.path("text").stringValue("")));
      extra(sink, "citations", cited.path("citations"));
    } else {
      extra(sink, "content", ChatSink.array().add(block));
    }
  }

  /// A thought that Bedrock wants back: signed, or withheld.
  static void thought(ChatSink sink, JsonNode thought) {
    if (thought.at("/reasoningText/signature").isString() || thought.has("redactedContent")) {
      extra(sink, "reasoning", ChatSink.array().add(thought));
    }
  }

  /// A part of the message that OpenAI has no member for.
  static void extra(ChatSink sink, String name, JsonNode value) {
    ObjectNode delta = ChatSink.object();
    delta.putObject(BedrockConverse.EXTRA).putObject(BedrockConverse.BEDROCK).set(name, value);
    sink.delta(0, delta);
  }

  /// Ends the answer.
  ///
  /// @throws ProviderFault if the reason is that the model failed
  static void stop(ChatSink sink, String reason) {
    String finish =
        switch (reason) {
          case "tool_use" -> "tool_calls";
          case "max_tokens", "model_context_window_exceeded" -> "length";
          case "content_filtered", "guardrail_intervened" -> "content_filter";
          case "malformed_model_output", "malformed_tool_use" ->
              throw new ProviderErrorException(
                  "the model ended with " + reason, Optional.of(reason));
          default -> "stop";
        };
    if (!Set.of("end_turn", "max_tokens", "stop_sequence", "tool_use").contains(reason)) {
      ObjectNode extra = ChatSink.object();
      extra.putObject(BedrockConverse.BEDROCK).put("stopReason", reason);
      sink.member(0, BedrockConverse.EXTRA, extra);
    }
    sink.finish(0, finish);
  }

  /// OpenAI's `usage`; missing if the answer has none. Bedrock counts cached tokens apart, and in
  /// the total; for those it wrote, OpenRouter's name stands.
  static JsonNode usage(JsonNode counted) {
    if (!counted.isObject()) {
      return counted;
    }
    long completion = counted.path("outputTokens").longValue(0);
    long cached = counted.path("cacheReadInputTokens").longValue(0);
    long written = counted.path("cacheWriteInputTokens").longValue(0);
    long apart = cached + written;
    long input = counted.path("inputTokens").longValue(0);
    long total = counted.path("totalTokens").longValue(input + apart + completion);
    ObjectNode usage = ChatSink.object().put("prompt_tokens", total - completion);
    usage.put("completion_tokens", completion).put("total_tokens", total);
    usage
        .putObject("prompt_tokens_details")
        .put("cached_tokens", cached)
        .put("cache_write_tokens", written);
    ObjectNode rest = UnreadMembers.of(counted, USAGE);
    if (!rest.isEmpty()) {
      usage.putObject(BedrockConverse.EXTRA).set(BedrockConverse.BEDROCK, rest);
    }
    return usage;
  }
}
