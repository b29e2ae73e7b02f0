package dev.agentlab.kinds;

import java.net.URI;
import java.util.Map;

/// Where a provider lists its models, and where in the answer their names stand.
///
/// @param headers what the API wants beside the credential
/// @param list the member that holds the list
/// @param id the member of each element that holds the name
/// @param prefix what stands before each name and does not belong to it; empty for nothing
public record ModelListEndpoint(
    URI url, Map<String, String> headers, String list, String id, String prefix) {
  public ModelListEndpoint {
    headers = Map.copyOf(headers);
  }

  /// As OpenAI does it (https://platform.openai.com/docs/api-reference/models/list).
  static ModelListEndpoint openAi(URI url) {
    return openAi(url, Map.of());
  }

  static ModelListEndpoint openAi(URI url, Map<String, String> headers) {
    return new ModelListEndpoint(url, headers, "data", "id", "");
  }
}
