package dev.agentlab.modelclient;

import java.util.List;
import java.util.Map;

/// The non-streaming response of a model.
///
/// @param json a `chat.completion` or a list of embeddings in the format of OpenAI, as bytes
/// @param planned the target that responded
/// @param warnings parts of the request that the provider does not support, one sentence each
/// @param attempts the number of attempts
/// @param headers as for [ModelResult#headers]
@SuppressWarnings("ArrayRecordComponent") // Never compared.
public record ModelResponse(
    byte[] json,
    PlannedTarget planned,
    List<String> warnings,
    int attempts,
    Map<String, String> headers)
    implements ModelResult {
  public ModelResponse {
    warnings = List.copyOf(warnings);
  }
}
