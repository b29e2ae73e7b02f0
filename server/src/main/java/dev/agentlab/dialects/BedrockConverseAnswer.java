package dev.agentlab.dialects;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Translates non-streaming Converse responses, and the parts that they share with streams.
final class BedrockConverseAnswer {
  private static final Set<String> RESPONSE_MEMBERS =
      Set.of("output", "stopReason", "usage", "metrics");

  private static final Set<String> USAGE_MEMBERS =
      Set.of(
          "inputTokens",
          "outputTokens",
          "totalTokens",
          "cacheReadInputTokens",
          "cacheWriteInputTokens");

  private BedrockConverseAnswer() {}

  /// @throws ProviderErrorException if the response has no message
  static CompleteAnswer completion(ModelRequest request, JsonNode json, Instant at) {
    JsonNode content = json.at("/output/message/content");
    if (!content.isArray()) {
      throw new ProviderErrorException(
          json.path("message").stringValue("the response has no message"),
          json.path("__type").stringValueOpt());
    }
    ChatCompletionBuilder builder = new ChatCompletionBuilder();
    builder.delta(0, ChatSink.object());
    int calls = 0;
    for (JsonNode block : content) {
      JsonNode call = block.path("toolUse");
      if (isCallerToolCall(call)) {
        builder.toolCall(
            0,
            calls++,
            call.path("toolUseId").stringValue(""),
            call.path("name").stringValue(""),
            call.path("input").isMissingNode() ? "{}" : call.path("input").toString());
      } else {
        block(builder, block);
      }
    }
    finish(builder, json.path("stopReason").stringValue(""));
    ObjectNode completion = builder.build(id(at), request.model(), at, usage(json.path("usage")));
    ObjectNode rest = UnreadResponseMembers.of(json, RESPONSE_MEMBERS);
    if (!rest.isEmpty()) {
      completion.set(
          BedrockConverse.EXTRA_CONTENT, ChatSink.object().set(BedrockConverse.BEDROCK, rest));
    }
    return CompleteAnswer.of(completion);
  }

  /// Whether a tool use block is a call to a tool of the caller; calls to tools of Bedrock itself
  /// have a `type`.
  static boolean isCallerToolCall(JsonNode toolUse) {
    return toolUse.isObject() && !toolUse.has("type");
  }

  /// The id of the completion. Bedrock identifies its responses only in a header.
  static String id(Instant at) {
    return "chatcmpl-" + at.toEpochMilli();
  }

  private static void block(ChatSink sink, JsonNode block) {
    JsonNode reasoning = block.path("reasoningContent");
    JsonNode cited = block.path("citationsContent");
    if (block.path("text").isString()) {
      sink.text(0, block.path("text").stringValue());
    } else if (reasoning.isObject()) {
      reasoning
          .at("/reasoningText/text")
          .stringValueOpt()
          .ifPresent(text -> sink.reasoning(0, text));
      passOnReasoning(sink, reasoning);
    } else if (cited.isObject()) {
      cited.path("content").forEach(it -> sink.text(0, it.path("text").stringValue("")));
      extra(sink, "citations", cited.path("citations"));
    } else {
      extra(sink, "content", ChatSink.array().add(block));
    }
  }

  /// Passes on a reasoning block that Bedrock requires in the next request: a signed or redacted
  /// one.
  static void passOnReasoning(ChatSink sink, JsonNode reasoning) {
    if (reasoning.at("/reasoningText/signature").isString() || reasoning.has("redactedContent")) {
      extra(sink, "reasoning", ChatSink.array().add(reasoning));
    }
  }

  /// Passes on a part of the message that OpenAI has no member for.
  static void extra(ChatSink sink, String name, JsonNode value) {
    ObjectNode delta = ChatSink.object();
    delta
        .putObject(BedrockConverse.EXTRA_CONTENT)
        .putObject(BedrockConverse.BEDROCK)
        .set(name, value);
    sink.delta(0, delta);
  }

  /// Finishes the choice.
  ///
  /// @throws ProviderErrorException if the stop reason is an error
  static void finish(ChatSink sink, String reason) {
    String finish =
        switch (reason) {
          case "tool_use" -> "tool_calls";
          case "max_tokens", "model_context_window_exceeded" -> "length";
          case "content_filtered", "guardrail_intervened" -> "content_filter";
          case "malformed_model_output", "malformed_tool_use" ->
              throw new ProviderErrorException(
                  "the model stopped with " + reason, Optional.of(reason));
          default -> "stop";
        };
    if (!Set.of("end_turn", "max_tokens", "stop_sequence", "tool_use").contains(reason)) {
      ObjectNode extra = ChatSink.object();
      extra.putObject(BedrockConverse.BEDROCK).put("stopReason", reason);
      sink.member(0, BedrockConverse.EXTRA_CONTENT, extra);
    }
    sink.finish(0, finish);
  }

  /// Translates the usage to OpenAI's `usage`; a missing node if the response has none. Bedrock
  /// counts cached tokens separately from the input, but includes them in the total. For tokens
  /// written to the cache the member name of OpenRouter is used.
  static JsonNode usage(JsonNode bedrockUsage) {
    if (!bedrockUsage.isObject()) {
      return bedrockUsage;
    }
    long completion = bedrockUsage.path("outputTokens").longValue(0);
    long cached = bedrockUsage.path("cacheReadInputTokens").longValue(0);
    long written = bedrockUsage.path("cacheWriteInputTokens").longValue(0);
    long cacheTokens = cached + written;
    long input = bedrockUsage.path("inputTokens").longValue(0);
    long total = bedrockUsage.path("totalTokens").longValue(input + cacheTokens + completion);
    ObjectNode usage = ChatSink.object().put("prompt_tokens", total - completion);
    usage.put("completion_tokens", completion).put("total_tokens", total);
    usage
        .putObject("prompt_tokens_details")
        .put("cached_tokens", cached)
        .put("cache_write_tokens", written);
    ObjectNode rest = UnreadResponseMembers.of(bedrockUsage, USAGE_MEMBERS);
    if (!rest.isEmpty()) {
      usage.putObject(BedrockConverse.EXTRA_CONTENT).set(BedrockConverse.BEDROCK, rest);
    }
    return usage;
  }
}
