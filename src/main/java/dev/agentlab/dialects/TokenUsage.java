package dev.agentlab.dialects;

import tools.jackson.databind.JsonNode;

/// The tokens of one call, as the provider counted them; 0 for what it did not count.
public record TokenUsage(int input, int output) {
  /// Of a call whose provider counted nothing.
  public static final TokenUsage NONE = new TokenUsage(0, 0);

  /// The tokens in OpenAI's `usage` object.
  ///
  /// @param usage missing if there is none
  public static TokenUsage of(JsonNode usage) {
    return new TokenUsage(count(usage, "prompt_tokens"), count(usage, "completion_tokens"));
  }

  private static int count(JsonNode usage, String name) {
    JsonNode tokens = usage.path(name);
    return tokens.isIntegralNumber() && tokens.canConvertToInt()
        ? Math.max(0, tokens.intValue())
        : 0;
  }
}
