package dev.agentlab.modelclient;

import dev.agentlab.dialects.Operation;
import dev.agentlab.upstream.UpstreamRequest;
import java.net.URI;
import java.util.Map;

/// A request that is forwarded to a provider as it is.
///
/// @param method such as `POST`
/// @param url below the base URL of the provider
/// @param headers the header fields, by name in lower case, without credentials; they take
///   precedence over those of the provider's configuration
/// @param body complete if the credential of the provider signs it
public record RawRequest(
    Operation operation,
    String method,
    URI url,
    Map<String, String> headers,
    UpstreamRequest.Body body) {
  public RawRequest {
    headers = Map.copyOf(headers);
  }
}
