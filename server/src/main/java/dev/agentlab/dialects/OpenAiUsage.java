package dev.agentlab.dialects;

import dev.agentlab.conversation.TokenClass;
import dev.agentlab.conversation.TokenUsage;
import dev.agentlab.conversation.VendorMembers;
import java.util.OptionalLong;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Reads and writes the `usage` object of OpenAI's APIs. Its counts of input and output include
/// those of their details. For tokens written to a cache the member name of OpenRouter is used.
enum OpenAiUsage {
  /// The usage of a chat completion.
  CHAT("prompt_tokens", "completion_tokens"),
  /// The usage of a response, whose counts clients require.
  RESPONSES("input_tokens", "output_tokens");

  private static final String TOTAL = "total_tokens";
  private static final String CACHED = "cached_tokens";
  private static final String CACHE_WRITES = "cache_write_tokens";
  private static final String REASONING = "reasoning_tokens";

  private final String input;
  private final String output;
  private final String inputDetails;
  private final String outputDetails;

  OpenAiUsage(String input, String output) {
    this.input = input;
    this.output = output;
    inputDetails = input + "_details";
    outputDetails = output + "_details";
  }

  /// Reads a `usage` object; a value that is not a count is kept among the further members.
  ///
  /// @param json any other value if there is no usage
  TokenUsage read(JsonNode json) {
    if (!(json instanceof ObjectNode object)) {
      return TokenUsage.NONE;
    }
    TokenUsage.Builder usage = new TokenUsage.Builder();
    ObjectNode rest = object.deepCopy();
    OptionalLong prompt = takeCount(rest, input);
    OptionalLong completion = takeCount(rest, output);
    takeCount(rest, TOTAL).ifPresent(usage::total);
    OptionalLong cached = takeCount(rest, inputDetails, CACHED);
    OptionalLong written = takeCount(rest, inputDetails, CACHE_WRITES);
    OptionalLong reasoning = takeCount(rest, outputDetails, REASONING);
    long cacheTokens = cached.orElse(0) + written.orElse(0);
    prompt.ifPresent(count -> usage.count(TokenClass.INPUT, Math.max(0, count - cacheTokens)));
    cached.ifPresent(count -> usage.count(TokenClass.CACHED_INPUT, count));
    written.ifPresent(count -> usage.count(TokenClass.CACHE_WRITE_5_MINUTES, count));
    completion.ifPresent(count -> usage.count(TokenClass.OUTPUT, count));
    reasoning.ifPresent(count -> usage.count(TokenClass.REASONING, count));
    return usage.further(new VendorMembers(ChatCompletions.VENDOR, rest)).build();
  }

  private static OptionalLong takeCount(ObjectNode from, String name) {
    JsonNode count = from.path(name);
    if (!count.isIntegralNumber()
        || !count.canConvertToLong()
        || !TokenUsage.Builder.isCount(count.longValue())) {
      return OptionalLong.empty();
    }
    from.remove(name);
    return OptionalLong.of(count.longValue());
  }

  private static OptionalLong takeCount(ObjectNode from, String details, String name) {
    if (!(from.path(details) instanceof ObjectNode object)) {
      return OptionalLong.empty();
    }
    OptionalLong count = takeCount(object, name);
    if (count.isPresent() && object.isEmpty()) {
      from.remove(details);
    }
    return count;
  }

  /// Writes the `usage` object.
  ObjectNode write(TokenUsage usage) {
    ObjectNode json = ProviderJson.object();
    boolean hasInput = isWritten(usage, TokenClass.INPUT);
    boolean hasOutput = isWritten(usage, TokenClass.OUTPUT);
    if (hasInput) {
      json.put(input, usage.totalInput());
    }
    if (hasOutput) {
      json.put(output, usage.output());
    }
    if (usage.total().isPresent()) {
      json.put(TOTAL, usage.total().getAsLong());
    } else if (hasInput && hasOutput) {
      json.put(TOTAL, usage.totalInput() + usage.output());
    }
    if (isWritten(usage, TokenClass.CACHED_INPUT)) {
      json.putObject(inputDetails).put(CACHED, usage.count(TokenClass.CACHED_INPUT));
    }
    if (usage.counts().containsKey(TokenClass.CACHE_WRITE_5_MINUTES)
        || usage.counts().containsKey(TokenClass.CACHE_WRITE_1_HOUR)) {
      json.withObjectProperty(inputDetails).put(CACHE_WRITES, usage.cacheWrites());
    }
    if (isWritten(usage, TokenClass.REASONING)) {
      json.putObject(outputDetails).put(REASONING, usage.count(TokenClass.REASONING));
    }
    usage
        .further()
        .ifPresent(further -> ChatCompletions.merge(ChatCompletions.members(further), json));
    return json;
  }

  private boolean isWritten(TokenUsage usage, TokenClass tokenClass) {
    return this == RESPONSES || usage.counts().containsKey(tokenClass);
  }
}
