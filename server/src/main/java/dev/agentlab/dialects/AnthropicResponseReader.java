package dev.agentlab.dialects;

import dev.agentlab.conversation.FinishReason;
import dev.agentlab.conversation.StreamEvent;
import dev.agentlab.conversation.TokenClass;
import dev.agentlab.conversation.TokenUsage;
import dev.agentlab.conversation.VendorMembers;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Reads non-streaming responses of Anthropic, and the parts that they share with streams.
final class AnthropicResponseReader {
  private static final Set<String> MESSAGE_MEMBERS =
      Set.of("id", "type", "role", "content", "model", "usage", "stop_reason");
  private static final Set<String> USAGE_MEMBERS =
      Set.of(
          "input_tokens",
          "output_tokens",
          "cache_read_input_tokens",
          "cache_creation_input_tokens",
          "output_tokens_details");

  private AnthropicResponseReader() {}

  /// @throws ProviderErrorException if the response has no content
  static void read(JsonNode json, Consumer<StreamEvent> events) {
    JsonNode content = json.path("content");
    if (!content.isArray()) {
      throw new ProviderErrorException("the response has no content", Optional.empty());
    }
    events.accept(started(json));
    AnthropicBlockReader blocks = new AnthropicBlockReader(events, ProviderJson.MAPPER::readTree);
    for (int i = 0; i < content.size(); i++) {
      blocks.begin(i, content.path(i));
      blocks.end(i);
    }
    finishChoice(json, events);
    events.accept(new StreamEvent.ResponseFinished(usage(json.path("usage")), Optional.empty()));
  }

  static StreamEvent.ResponseStarted started(JsonNode message) {
    return new StreamEvent.ResponseStarted(
        message.path("id").stringValueOpt(),
        message.path("model").stringValueOpt(),
        OptionalLong.empty());
  }

  /// Finishes the choice with the stop reason and the remaining members of a message.
  ///
  /// @param message a complete message, or the accumulated message members of a stream
  static void finishChoice(JsonNode message, Consumer<StreamEvent> events) {
    String word = message.path("stop_reason").stringValue("");
    FinishReason reason = finishReason(word);
    ObjectNode rest = UnreadResponseMembers.of(message, MESSAGE_MEMBERS);
    if (!List.of("", "end_turn", "stop_sequence", "max_tokens", "tool_use").contains(word)) {
      rest.put("stop_reason", word);
    }
    if (!rest.isEmpty()) {
      events.accept(new StreamEvent.ChoiceVendorData(0, new VendorMembers(Anthropic.VENDOR, rest)));
    }
    events.accept(new StreamEvent.ChoiceFinished(0, reason, Anthropic.VENDOR, word));
  }

  /// The reason that a `stop_reason` stands for.
  static FinishReason finishReason(String word) {
    return switch (word) {
      case "", "end_turn", "stop_sequence" -> FinishReason.STOP;
      case "max_tokens", "model_context_window_exceeded" -> FinishReason.LENGTH;
      case "tool_use" -> FinishReason.TOOL_CALLS;
      case "refusal" -> FinishReason.CONTENT_FILTER;
      default -> FinishReason.OTHER;
    };
  }

  /// Reads the usage. Anthropic counts tokens read from and written to the cache separately from
  /// the input.
  static TokenUsage usage(JsonNode json) {
    long written = json.path("cache_creation_input_tokens").longValue(0);
    long writtenForAnHour =
        Math.clamp(
            json.at("/cache_creation/ephemeral_1h_input_tokens").longValue(0),
            0,
            Math.max(0, written));
    TokenUsage.Builder usage =
        new TokenUsage.Builder()
            .count(TokenClass.INPUT, json.path("input_tokens").longValue(0))
            .count(TokenClass.CACHED_INPUT, json.path("cache_read_input_tokens").longValue(0))
            .count(TokenClass.CACHE_WRITE_5_MINUTES, written - writtenForAnHour)
            .count(TokenClass.CACHE_WRITE_1_HOUR, writtenForAnHour)
            .count(TokenClass.OUTPUT, json.path("output_tokens").longValue(0));
    JsonNode thinking = json.at("/output_tokens_details/thinking_tokens");
    if (thinking.isNumber()) {
      usage.count(TokenClass.REASONING, thinking.longValue(0));
    }
    return usage
        .further(new VendorMembers(Anthropic.VENDOR, UnreadResponseMembers.of(json, USAGE_MEMBERS)))
        .build();
  }
}
