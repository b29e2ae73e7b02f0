package dev.agentlab.dialects;

import java.util.List;
import java.util.Map;

/// A model request in the format of one provider's API: the content of an HTTP `POST`.
///
/// @param path the path relative to the provider's base URL, without a leading slash, such as
///   `chat/completions`; percent-encoded. It may have a query if the provider kind adds no query of
///   its own.
/// @param headers headers in addition to `Content-Type: application/json`, without credentials
/// @param warnings sentences for the caller about members that the provider does not support and
///   that are ignored or changed
@SuppressWarnings("ArrayRecordComponent") // Instances are never compared.
public record ProviderRequest(
    String path, Map<String, String> headers, byte[] body, List<String> warnings) {
  public ProviderRequest {
    headers = Map.copyOf(headers);
    warnings = List.copyOf(warnings);
  }
}
