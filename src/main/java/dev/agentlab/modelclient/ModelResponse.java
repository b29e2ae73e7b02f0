package dev.agentlab.modelclient;

import java.util.List;

/// A model's whole answer.
///
/// @param json OpenAI's `chat.completion` or list of embeddings, as bytes
/// @param warnings what of the request the provider could not do, each a sentence
/// @param attempts how often the provider was called
@SuppressWarnings("ArrayRecordComponent") // Nobody compares two of them.
public record ModelResponse(byte[] json, List<String> warnings, int attempts) {
  public ModelResponse {
    warnings = List.copyOf(warnings);
  }
}
