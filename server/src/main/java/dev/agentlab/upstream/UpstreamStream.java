package dev.agentlab.upstream;

import java.util.Map;
import java.util.concurrent.Flow;

/// A streaming response of an upstream, whose body has not been read yet: a success, or any
/// response to a request with [UpstreamRequest.ResponseMode#RAW].
///
/// @param status the HTTP status code
/// @param headers by name in lower case; the first value of a repeated field, or all of a raw
///   response, joined with commas
/// @param body accepts one subscriber. Signals it from one thread at a time, which is an event loop
///   for a response from the network and must not be blocked. Fails with an [UpstreamException] if
///   the connection is closed early or a limit is exceeded. Cancelling the subscription ends the
///   call.
public record UpstreamStream(
    int status, Map<String, String> headers, Flow.Publisher<byte[]> body, CallTimings timings)
    implements Transport.Result {

  /// The subscription to a body that is received from the network.
  public interface Subscription extends Flow.Subscription {
    /// Discards the rest of the body. Unlike after a cancellation, the connection is reused if the
    /// upstream ends the response within a second.
    void release();
  }

  public UpstreamStream {
    headers = Map.copyOf(headers);
  }
}
