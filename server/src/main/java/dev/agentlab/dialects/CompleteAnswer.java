package dev.agentlab.dialects;

import tools.jackson.databind.node.ObjectNode;

/// A non-streaming response in the canonical dialect.
///
/// @param json OpenAI's `chat.completion` or list of embeddings
/// @param usage the token usage that the response reports
@SuppressWarnings("ArrayRecordComponent") // Instances are never compared.
public record CompleteAnswer(byte[] json, TokenUsage usage) {

  static CompleteAnswer of(ObjectNode json) {
    return new CompleteAnswer(
        ProviderJson.MAPPER.writeValueAsBytes(json), TokenUsage.of(json.path("usage")));
  }
}
