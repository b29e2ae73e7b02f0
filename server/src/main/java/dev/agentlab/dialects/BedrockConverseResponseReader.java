package dev.agentlab.dialects;

import dev.agentlab.conversation.FinishReason;
import dev.agentlab.conversation.StreamEvent;
import dev.agentlab.conversation.TokenClass;
import dev.agentlab.conversation.TokenUsage;
import dev.agentlab.conversation.VendorMembers;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Reads non-streaming Converse responses, and the parts that they share with streams.
final class BedrockConverseResponseReader {
  private static final int CHOICE = 0;

  private static final Set<String> RESPONSE_MEMBERS =
      Set.of("output", "stopReason", "usage", "metrics");

  private static final Set<String> USAGE_MEMBERS =
      Set.of(
          "inputTokens",
          "outputTokens",
          "totalTokens",
          "cacheReadInputTokens",
          "cacheWriteInputTokens");

  private final Consumer<StreamEvent> events;
  private final BlockSequence blocks;

  private BedrockConverseResponseReader(Consumer<StreamEvent> events) {
    this.events = events;
    this.blocks = new BlockSequence(events);
  }

  /// @throws ProviderErrorException if the response has no message
  static void read(JsonNode json, Consumer<StreamEvent> events) {
    JsonNode content = json.at("/output/message/content");
    if (!content.isArray()) {
      throw new ProviderErrorException(
          json.path("message").stringValue("the response has no message"),
          json.path("__type").stringValueOpt());
    }
    BedrockConverseResponseReader reader = new BedrockConverseResponseReader(events);
    content.forEach(reader::readBlock);
    reader.blocks.end(CHOICE);
    finishChoice(json.path("stopReason").stringValue(""), events);
    events.accept(
        new StreamEvent.ResponseFinished(
            usage(json.path("usage")), members(UnreadResponseMembers.of(json, RESPONSE_MEMBERS))));
  }

  private void readBlock(JsonNode block) {
    JsonNode call = block.path("toolUse");
    JsonNode reasoning = block.path("reasoningContent");
    JsonNode cited = block.path("citationsContent");
    if (isClientToolCall(call)) {
      readCall(call);
    } else if (block.path("text").isString()) {
      blocks.text(CHOICE, block.path("text").stringValue());
    } else if (reasoning.isObject()) {
      blocks.end(CHOICE);
      readReasoning(reasoning);
    } else if (cited.isObject()) {
      cited.path("content").forEach(it -> blocks.text(CHOICE, it.path("text").stringValue("")));
      events.accept(content("citations", cited.path("citations")));
    } else {
      events.accept(content("content", ProviderJson.array().add(block)));
    }
  }

  private void readCall(JsonNode call) {
    blocks.end(CHOICE);
    int block = blocks.nextId();
    JsonNode input = call.path("input");
    events.accept(
        new StreamEvent.ToolInputStarted(
            CHOICE,
            block,
            call.path("toolUseId").stringValue(""),
            call.path("name").stringValue(""),
            input.isMissingNode() ? "{}" : input.toString(),
            Optional.empty()));
    events.accept(new StreamEvent.ToolInputEnded(CHOICE, block));
  }

  private void readReasoning(JsonNode reasoning) {
    int block = blocks.nextId();
    events.accept(new StreamEvent.ReasoningStarted(CHOICE, block));
    reasoning
        .at("/reasoningText/text")
        .stringValueOpt()
        .filter(text -> !text.isEmpty())
        .ifPresent(text -> events.accept(new StreamEvent.ReasoningDelta(CHOICE, block, text)));
    events.accept(reasoningEnded(block, reasoning));
  }

  /// Whether a tool use block is a call to a tool of the client; calls to tools of Bedrock itself
  /// have a `type`.
  static boolean isClientToolCall(JsonNode toolUse) {
    return toolUse.isObject() && !toolUse.has("type");
  }

  /// The end of a reasoning block. Bedrock requires a signed or redacted one in the next request.
  ///
  /// @param reasoning the whole block
  static StreamEvent.ReasoningEnded reasoningEnded(int block, JsonNode reasoning) {
    Optional<String> signature = reasoning.at("/reasoningText/signature").stringValueOpt();
    JsonNode redacted = reasoning.path("redactedContent");
    boolean isRequired = signature.isPresent() || !redacted.isMissingNode();
    return new StreamEvent.ReasoningEnded(
        CHOICE,
        block,
        signature,
        redacted.stringValueOpt(),
        isRequired
            ? Optional.of(members("reasoning", ProviderJson.array().add(reasoning)))
            : Optional.empty());
  }

  /// Content without a neutral form.
  static StreamEvent.VendorContent content(String name, JsonNode value) {
    return new StreamEvent.VendorContent(CHOICE, members(name, value));
  }

  private static VendorMembers members(String name, JsonNode value) {
    return new VendorMembers(BedrockConverse.VENDOR, ProviderJson.object().set(name, value));
  }

  /// Data of Bedrock; empty if there are no members.
  static Optional<VendorMembers> members(ObjectNode members) {
    return members.isEmpty()
        ? Optional.empty()
        : Optional.of(new VendorMembers(BedrockConverse.VENDOR, members));
  }

  /// Finishes the choice.
  ///
  /// @throws ProviderErrorException if the stop reason is an error
  static void finishChoice(String word, Consumer<StreamEvent> events) {
    FinishReason reason =
        switch (word) {
          case "", "end_turn", "stop_sequence" -> FinishReason.STOP;
          case "tool_use" -> FinishReason.TOOL_CALLS;
          case "max_tokens", "model_context_window_exceeded" -> FinishReason.LENGTH;
          case "content_filtered", "guardrail_intervened" -> FinishReason.CONTENT_FILTER;
          case "malformed_model_output", "malformed_tool_use" ->
              throw new ProviderErrorException("the model stopped with " + word, Optional.of(word));
          default -> FinishReason.OTHER;
        };
    if (!Set.of("end_turn", "max_tokens", "stop_sequence", "tool_use").contains(word)) {
      ObjectNode data = ProviderJson.object().put("stopReason", word);
      events.accept(
          new StreamEvent.ChoiceVendorData(
              CHOICE, new VendorMembers(BedrockConverse.VENDOR, data)));
    }
    events.accept(new StreamEvent.ChoiceFinished(CHOICE, reason, BedrockConverse.VENDOR, word));
  }

  /// Reads the usage. Bedrock counts cached tokens separately from the input, but includes them in
  /// the total.
  ///
  /// @param json a missing node if the response has none
  static TokenUsage usage(JsonNode json) {
    if (!json.isObject()) {
      return TokenUsage.NONE;
    }
    long written = json.path("cacheWriteInputTokens").longValue(0);
    long forAnHour = 0;
    for (JsonNode detail : json.path("cacheDetails")) {
      if (detail.path("ttl").stringValue("").equals("1h")) {
        forAnHour += detail.path("inputTokens").longValue(0);
      }
    }
    TokenUsage.Builder usage =
        new TokenUsage.Builder()
            .count(TokenClass.INPUT, json.path("inputTokens").longValue(0))
            .count(TokenClass.CACHED_INPUT, json.path("cacheReadInputTokens").longValue(0))
            .count(TokenClass.CACHE_WRITE_5_MINUTES, Math.max(0, written - forAnHour))
            .count(TokenClass.OUTPUT, json.path("outputTokens").longValue(0));
    if (forAnHour > 0) {
      usage.count(TokenClass.CACHE_WRITE_1_HOUR, forAnHour);
    }
    JsonNode total = json.path("totalTokens");
    if (total.isIntegralNumber() && total.canConvertToLong()) {
      usage.total(total.longValue());
    }
    return usage
        .further(
            new VendorMembers(
                BedrockConverse.VENDOR, UnreadResponseMembers.of(json, USAGE_MEMBERS)))
        .build();
  }
}
