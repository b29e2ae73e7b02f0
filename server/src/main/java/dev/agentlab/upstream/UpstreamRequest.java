package dev.agentlab.upstream;

import dev.agentlab.secrets.Secret;
import java.net.URI;
import java.util.Map;
import java.util.Optional;

/// A request to an upstream.
///
/// @param secretHeaders header fields that contain secrets, or may contain them
/// @param plainHeaders header fields without secrets
/// @param body JSON; empty for a `GET`
/// @param acceptsStream whether the response may be a stream of events
public record UpstreamRequest(
    URI url,
    Map<String, Secret> secretHeaders,
    Map<String, String> plainHeaders,
    Optional<byte[]> body,
    boolean acceptsStream) {

  public UpstreamRequest {
    secretHeaders = Map.copyOf(secretHeaders);
    plainHeaders = Map.copyOf(plainHeaders);
  }

  /// A `GET` request.
  public static UpstreamRequest get(
      URI url, Map<String, Secret> secretHeaders, Map<String, String> plainHeaders) {
    return new UpstreamRequest(url, secretHeaders, plainHeaders, Optional.empty(), false);
  }

  /// A `POST` request with a JSON body.
  public static UpstreamRequest post(
      URI url, Map<String, Secret> secretHeaders, Map<String, String> plainHeaders, byte[] json) {
    return new UpstreamRequest(url, secretHeaders, plainHeaders, Optional.of(json), false);
  }

  /// The same request for a stream of events.
  public UpstreamRequest acceptingStream() {
    return new UpstreamRequest(url, secretHeaders, plainHeaders, body, true);
  }
}
