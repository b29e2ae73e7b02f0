package dev.agentlab.dialects;

import tools.jackson.databind.node.ObjectNode;

/// A whole answer in the canonical dialect.
///
/// @param json OpenAI's `chat.completion` or list of embeddings
/// @param usage what the answer says of its tokens
@SuppressWarnings("ArrayRecordComponent") // Nobody compares two of them.
public record CompleteAnswer(byte[] json, TokenUsage usage) {

  static CompleteAnswer of(ObjectNode json) {
    return new CompleteAnswer(
        ProviderJson.MAPPER.writeValueAsBytes(json), TokenUsage.of(json.path("usage")));
  }
}
