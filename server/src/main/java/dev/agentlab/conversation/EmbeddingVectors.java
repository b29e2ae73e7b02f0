package dev.agentlab.conversation;

import java.util.List;
import tools.jackson.databind.JsonNode;

/// The embeddings of texts.
///
/// @param vectors arrays of numbers, in the order of the texts
/// @param usage the token usage that the provider reports
public record EmbeddingVectors(List<JsonNode> vectors, TokenUsage usage) {
  public EmbeddingVectors {
    vectors = List.copyOf(vectors);
  }

  /// Creates vectors with the usage that most providers report: the number of input tokens.
  ///
  /// @param inputTokens the number of input tokens; any other value if the provider does not report
  ///   it
  public static EmbeddingVectors of(List<JsonNode> vectors, JsonNode inputTokens) {
    if (!inputTokens.isNumber()) {
      return new EmbeddingVectors(vectors, TokenUsage.NONE);
    }
    long count = inputTokens.longValue(0);
    return new EmbeddingVectors(
        vectors, new TokenUsage.Builder().count(TokenClass.INPUT, count).total(count).build());
  }
}
