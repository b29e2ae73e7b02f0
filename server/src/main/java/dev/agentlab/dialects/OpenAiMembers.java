package dev.agentlab.dialects;

import java.util.Set;

/// The request members that OpenAI defines (https://platform.openai.com/docs/api-reference).
public final class OpenAiMembers {
  private static final Set<String> CHAT =
      Set.of(
          "audio",
          "frequency_penalty",
          "function_call",
          "functions",
          "logit_bias",
          "logprobs",
          "max_completion_tokens",
          "max_tokens",
          "metadata",
          "modalities",
          "model",
          "n",
          "parallel_tool_calls",
          "prediction",
          "presence_penalty",
          "prompt_cache_key",
          "prompt_cache_retention",
          "reasoning_effort",
          "response_format",
          "safety_identifier",
          "seed",
          "service_tier",
          "stop",
          "store",
          "stream",
          "stream_options",
          "temperature",
          "tool_choice",
          "tools",
          "top_logprobs",
          "top_p",
          "user",
          "verbosity",
          "web_search_options");
  private static final Set<String> EMBEDDINGS =
      Set.of("dimensions", "encoding_format", "model", "user");

  private OpenAiMembers() {}

  /// The names of all members of an operation's request, except the input itself: `messages` and
  /// `input`.
  public static Set<String> of(Operation operation) {
    return switch (operation) {
      case CHAT -> CHAT;
      case EMBEDDINGS -> EMBEDDINGS;
      default -> throw new IllegalArgumentException("no members are known of " + operation);
    };
  }
}
