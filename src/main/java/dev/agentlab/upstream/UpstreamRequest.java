package dev.agentlab.upstream;

import dev.agentlab.secrets.Secret;
import java.net.URI;
import java.util.Map;
import java.util.Optional;

/// What is asked of an upstream.
///
/// @param headers that carry secrets, or may; sent with `plain` ones
/// @param plain header fields without secrets
/// @param body JSON; empty for a `GET`
public record UpstreamRequest(
    URI url, Map<String, Secret> headers, Map<String, String> plain, Optional<byte[]> body) {

  public UpstreamRequest {
    headers = Map.copyOf(headers);
    plain = Map.copyOf(plain);
  }

  /// Fetches what is at a URL.
  public static UpstreamRequest get(
      URI url, Map<String, Secret> headers, Map<String, String> plain) {
    return new UpstreamRequest(url, headers, plain, Optional.empty());
  }

  /// Sends JSON to a URL.
  public static UpstreamRequest post(
      URI url, Map<String, Secret> headers, Map<String, String> plain, byte[] json) {
    return new UpstreamRequest(url, headers, plain, Optional.of(json));
  }
}
