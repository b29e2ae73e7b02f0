package dev.agentlab.modelclient;

import dev.agentlab.upstream.UpstreamRequest;
import java.net.URI;
import java.util.List;
import java.util.Map;

/// A request that is forwarded to a provider as it is.
///
/// @param method such as `POST`
/// @param url below the base URL of the provider
/// @param headers the header fields, by name in lower case, without credentials; they take
///   precedence over those of the provider's configuration
/// @param body complete if the credential of the provider signs it
public record RawRequest(
    String method, URI url, Map<String, String> headers, UpstreamRequest.Body body)
    implements RetryLoop.TargetRequest {
  public RawRequest {
    headers = Map.copyOf(headers);
  }

  @Override
  public long bytes() {
    return switch (body) {
      case UpstreamRequest.Body.None _ -> 0;
      case UpstreamRequest.Body.Bytes(byte[] bytes) -> bytes.length;
      case UpstreamRequest.Body.Stream stream -> stream.length().orElse(0);
    };
  }

  @Override
  public List<String> warnings() {
    return List.of();
  }

  /// Whether the request can be sent once more.
  boolean isRepeatable() {
    return !(body instanceof UpstreamRequest.Body.Stream);
  }
}
