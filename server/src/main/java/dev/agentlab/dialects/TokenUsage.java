package dev.agentlab.dialects;

import tools.jackson.databind.JsonNode;

/// The token counts of one model call, as the provider reports them; 0 for a count that is not
/// reported.
public record TokenUsage(int input, int output) {
  /// The usage of a model call for which the provider reports no counts.
  public static final TokenUsage NONE = new TokenUsage(0, 0);

  /// Reads the counts of OpenAI's `usage` object.
  ///
  /// @param usage a missing node if there is no usage
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
