package dev.agentlab.dialects;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Translates non-streaming responses of Anthropic, and the parts that they share with streams.
final class AnthropicAnswer {
  private static final Set<String> MESSAGE_MEMBERS =
      Set.of("id", "type", "role", "content", "model", "usage", "stop_reason");
  private static final Set<String> USAGE_MEMBERS =
      Set.of(
          "input_tokens",
          "output_tokens",
          "cache_read_input_tokens",
          "cache_creation_input_tokens",
          "output_tokens_details");

  private AnthropicAnswer() {}

  /// @throws ProviderErrorException if the response has no content
  static ObjectNode completion(ModelRequest request, JsonNode json, Instant at) {
    JsonNode content = json.path("content");
    if (!content.isArray()) {
      throw new ProviderErrorException("the response has no content", Optional.empty());
    }
    ChatCompletionBuilder completion = new ChatCompletionBuilder();
    AnthropicContent blocks = new AnthropicContent(completion, ProviderJson.MAPPER::readTree);
    for (int i = 0; i < content.size(); i++) {
      blocks.begin(i, content.path(i));
      blocks.end(i);
    }
    finish(json, completion);
    return completion.build(
        id(json, at),
        json.path("model").stringValue(request.model()),
        at,
        usage(json.path("usage")));
  }

  /// The id of the completion.
  static String id(JsonNode message, Instant at) {
    return message.path("id").stringValue("chatcmpl-" + at.toEpochMilli());
  }

  /// Finishes the choice with the stop reason and the remaining members of a message.
  ///
  /// @param message a complete message, or the accumulated message members of a stream
  static void finish(JsonNode message, ChatSink sink) {
    String reason = message.path("stop_reason").stringValue("");
    String finish =
        switch (reason) {
          case "max_tokens", "model_context_window_exceeded" -> "length";
          case "tool_use" -> "tool_calls";
          case "refusal" -> "content_filter";
          default -> "stop";
        };
    ObjectNode rest = UnreadResponseMembers.of(message, MESSAGE_MEMBERS);
    if (!List.of("", "end_turn", "stop_sequence", "max_tokens", "tool_use").contains(reason)) {
      rest.put("stop_reason", reason);
    }
    if (!rest.isEmpty()) {
      sink.member(0, Anthropic.EXTRA_CONTENT, Anthropic.extraContent(rest));
    }
    sink.finish(0, finish);
  }

  /// Translates the usage to OpenAI's `usage`. Anthropic counts tokens read from and written to the
  /// cache separately from the input. For written tokens the member name of OpenRouter is used.
  static ObjectNode usage(JsonNode anthropicUsage) {
    long read = anthropicUsage.path("cache_read_input_tokens").longValue(0);
    long written = anthropicUsage.path("cache_creation_input_tokens").longValue(0);
    long input = anthropicUsage.path("input_tokens").longValue(0) + read + written;
    long output = anthropicUsage.path("output_tokens").longValue(0);
    ObjectNode usage =
        ChatSink.object()
            .put("prompt_tokens", input)
            .put("completion_tokens", output)
            .put("total_tokens", input + output);
    usage
        .putObject("prompt_tokens_details")
        .put("cached_tokens", read)
        .put("cache_write_tokens", written);
    JsonNode thinking = anthropicUsage.at("/output_tokens_details/thinking_tokens");
    if (thinking.isNumber()) {
      usage.putObject("completion_tokens_details").set("reasoning_tokens", thinking);
    }
    ObjectNode rest = UnreadResponseMembers.of(anthropicUsage, USAGE_MEMBERS);
    if (!rest.isEmpty()) {
      usage.set(Anthropic.EXTRA_CONTENT, Anthropic.extraContent(rest));
    }
    return usage;
  }
}
