package dev.agentlab.kinds;

import java.net.URI;
import java.util.Map;

/// The endpoint at which a provider lists its models, and the shape of its response.
///
/// @param headers header fields that the API requires beside the credential
/// @param listMember the member of the response that contains the list
/// @param idMember the member of each element that contains the model name
/// @param idPrefix a prefix to remove from each name; empty for none
public record ModelListEndpoint(
    URI url, Map<String, String> headers, String listMember, String idMember, String idPrefix) {
  public ModelListEndpoint {
    headers = Map.copyOf(headers);
  }

  /// The endpoint of OpenAI (https://platform.openai.com/docs/api-reference/models/list).
  static ModelListEndpoint openAi(URI url) {
    return openAi(url, Map.of());
  }

  static ModelListEndpoint openAi(URI url, Map<String, String> headers) {
    return new ModelListEndpoint(url, headers, "data", "id", "");
  }
}
