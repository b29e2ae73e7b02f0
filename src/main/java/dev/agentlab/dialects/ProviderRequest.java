package dev.agentlab.dialects;

import java.util.List;
import java.util.Map;

/// A model request as one provider's API takes it: the content of an HTTP `POST`.
///
/// @param path below the provider's base URL, without a slash before it, such as
///   `chat/completions`; percent-encoded. For a provider that puts nothing of its own after a path,
///   it may have a query.
/// @param headers beside `Content-Type: application/json`, and without credentials
/// @param warnings what of the request the provider cannot do and is left out, each a sentence for
///   the caller
@SuppressWarnings("ArrayRecordComponent") // Nobody compares two of them.
public record ProviderRequest(
    String path, Map<String, String> headers, byte[] body, List<String> warnings) {
  public ProviderRequest {
    headers = Map.copyOf(headers);
    warnings = List.copyOf(warnings);
  }
}
