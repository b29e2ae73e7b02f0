package dev.agentlab.upstream;

import dev.agentlab.secrets.Secret;
import java.net.URI;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Flow;

/// A request to an upstream.
///
/// @param method such as `POST`
/// @param secretHeaders header fields that contain secrets, or may contain them
/// @param plainHeaders header fields without secrets
/// @param network the proxy and the trusted authorities of the upstream
public record UpstreamRequest(
    String method,
    URI url,
    Map<String, Secret> secretHeaders,
    Map<String, String> plainHeaders,
    Body body,
    ResponseMode responseMode,
    NetworkOptions network) {

  /// The body of a request.
  public sealed interface Body {
    Body NONE = new None();

    /// No body.
    record None() implements Body {}

    /// A complete body: JSON, or what the plain headers say if the response is raw.
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    record Bytes(byte[] bytes) implements Body {}

    /// A body that is sent as it is produced, with back-pressure. The request is not repeated after
    /// the first part is sent. If the source fails, the call is cancelled; if the response ends
    /// first, the source is cancelled.
    ///
    /// @param length the number of bytes; empty if it is not known
    /// @param parts accepts one subscriber, and is signalled on the event loop of the call
    record Stream(OptionalLong length, Flow.Publisher<byte[]> parts) implements Body {}
  }

  /// How the response is received.
  public enum ResponseMode {
    /// As a complete response.
    COMPLETE,
    /// As a stream of events if the status is 2xx and the body is not JSON; otherwise complete.
    EVENTS,
    /// As a stream, whatever the status, the media type and the encoding are.
    RAW
  }

  public UpstreamRequest {
    secretHeaders = Map.copyOf(secretHeaders);
    plainHeaders = Map.copyOf(plainHeaders);
  }

  /// A `GET` request.
  public static UpstreamRequest get(
      URI url, Map<String, Secret> secretHeaders, Map<String, String> plainHeaders) {
    return new UpstreamRequest(
        "GET",
        url,
        secretHeaders,
        plainHeaders,
        Body.NONE,
        ResponseMode.COMPLETE,
        NetworkOptions.DEFAULT);
  }

  /// A `POST` request with a JSON body.
  public static UpstreamRequest post(
      URI url, Map<String, Secret> secretHeaders, Map<String, String> plainHeaders, byte[] json) {
    return new UpstreamRequest(
        "POST",
        url,
        secretHeaders,
        plainHeaders,
        new Body.Bytes(json),
        ResponseMode.COMPLETE,
        NetworkOptions.DEFAULT);
  }

  /// Whether the response may be a stream of events.
  public boolean acceptsStream() {
    return responseMode == ResponseMode.EVENTS;
  }

  /// The same request for a stream of events.
  public UpstreamRequest acceptingStream() {
    return new UpstreamRequest(
        method, url, secretHeaders, plainHeaders, body, ResponseMode.EVENTS, network);
  }

  /// The same request to an upstream with its own network options.
  public UpstreamRequest withNetwork(NetworkOptions options) {
    return new UpstreamRequest(
        method, url, secretHeaders, plainHeaders, body, responseMode, options);
  }
}
