package dev.agentlab.conversation;

import java.util.List;
import tools.jackson.databind.JsonNode;

/// The probability of one token of a response.
///
/// @param token the text of the token
/// @param logProbability the natural logarithm of the probability, as the provider wrote it
/// @param alternatives the most likely tokens at this position, without alternatives of their own
public record TokenProbability(
    String token, JsonNode logProbability, List<TokenProbability> alternatives) {
  public TokenProbability {
    alternatives = List.copyOf(alternatives);
  }
}
