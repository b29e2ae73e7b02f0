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
/// @param network the proxy and the trusted authorities of the upstream
public record UpstreamRequest(
    URI url,
    Map<String, Secret> secretHeaders,
    Map<String, String> plainHeaders,
    Optional<byte[]> body,
    boolean acceptsStream,
    NetworkOptions network) {

  public UpstreamRequest {
    secretHeaders = Map.copyOf(secretHeaders);
    plainHeaders = Map.copyOf(plainHeaders);
  }

  /// A `GET` request.
  public static UpstreamRequest get(
      URI url, Map<String, Secret> secretHeaders, Map<String, String> plainHeaders) {
    return new UpstreamRequest(
        url, secretHeaders, plainHeaders, Optional.empty(), false, NetworkOptions.DEFAULT);
  }

  /// A `POST` request with a JSON body.
  public static UpstreamRequest post(
      URI url, Map<String, Secret> secretHeaders, Map<String, String> plainHeaders, byte[] json) {
    return new UpstreamRequest(
        url, secretHeaders, plainHeaders, Optional.of(json), false, NetworkOptions.DEFAULT);
  }

  /// The same request for a stream of events.
  public UpstreamRequest acceptingStream() {
    return new UpstreamRequest(url, secretHeaders, plainHeaders, body, true, network);
  }

  /// The same request to an upstream with its own network options.
  public UpstreamRequest withNetwork(NetworkOptions options) {
    return new UpstreamRequest(url, secretHeaders, plainHeaders, body, acceptsStream, options);
  }
}
