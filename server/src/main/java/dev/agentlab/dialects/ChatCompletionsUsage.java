package dev.agentlab.dialects;

import dev.agentlab.conversation.TokenClass;
import dev.agentlab.conversation.TokenUsage;
import dev.agentlab.conversation.VendorMembers;
import java.util.OptionalLong;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Reads and writes OpenAI's `usage` object. Its counts of input and output include those of their
/// details. For tokens written to a cache the member name of OpenRouter is used.
final class ChatCompletionsUsage {
  private static final String PROMPT = "prompt_tokens";
  private static final String COMPLETION = "completion_tokens";
  private static final String TOTAL = "total_tokens";
  private static final String PROMPT_DETAILS = "prompt_tokens_details";
  private static final String COMPLETION_DETAILS = "completion_tokens_details";
  private static final String CACHED = "cached_tokens";
  private static final String CACHE_WRITES = "cache_write_tokens";
  private static final String REASONING = "reasoning_tokens";

  private ChatCompletionsUsage() {}

  /// Reads a `usage` object; a value that is not a count is kept among the further members.
  ///
  /// @param json any other value if there is no usage
  static TokenUsage read(JsonNode json) {
    if (!(json instanceof ObjectNode object)) {
      return TokenUsage.NONE;
    }
    TokenUsage.Builder usage = new TokenUsage.Builder();
    ObjectNode rest = object.deepCopy();
    OptionalLong prompt = takeCount(rest, PROMPT);
    OptionalLong completion = takeCount(rest, COMPLETION);
    takeCount(rest, TOTAL).ifPresent(usage::total);
    OptionalLong cached = takeCount(rest, PROMPT_DETAILS, CACHED);
    OptionalLong written = takeCount(rest, PROMPT_DETAILS, CACHE_WRITES);
    OptionalLong reasoning = takeCount(rest, COMPLETION_DETAILS, REASONING);
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
  static ObjectNode write(TokenUsage usage) {
    ObjectNode json = ProviderJson.object();
    boolean hasInput = usage.counts().containsKey(TokenClass.INPUT);
    boolean hasOutput = usage.counts().containsKey(TokenClass.OUTPUT);
    if (hasInput) {
      json.put(PROMPT, usage.totalInput());
    }
    if (hasOutput) {
      json.put(COMPLETION, usage.output());
    }
    if (usage.total().isPresent()) {
      json.put(TOTAL, usage.total().getAsLong());
    } else if (hasInput && hasOutput) {
      json.put(TOTAL, usage.totalInput() + usage.output());
    }
    if (usage.counts().containsKey(TokenClass.CACHED_INPUT)) {
      json.putObject(PROMPT_DETAILS).put(CACHED, usage.count(TokenClass.CACHED_INPUT));
    }
    if (usage.counts().containsKey(TokenClass.CACHE_WRITE_5_MINUTES)
        || usage.counts().containsKey(TokenClass.CACHE_WRITE_1_HOUR)) {
      json.withObjectProperty(PROMPT_DETAILS).put(CACHE_WRITES, usage.cacheWrites());
    }
    if (usage.counts().containsKey(TokenClass.REASONING)) {
      json.putObject(COMPLETION_DETAILS).put(REASONING, usage.count(TokenClass.REASONING));
    }
    usage
        .further()
        .ifPresent(further -> ChatCompletions.merge(ChatCompletions.members(further), json));
    return json;
  }
}
