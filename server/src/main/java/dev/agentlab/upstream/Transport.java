package dev.agentlab.upstream;

/// Sends calls to an upstream. Blocks the calling thread, which should be virtual; interrupting it
/// cancels the call, and so does the [Cancellation].
public interface Transport {

  /// The result of a call that may stream: a complete response or a stream.
  sealed interface Result permits UpstreamResponse, UpstreamStream {}

  /// Sends a request and reads the complete response.
  ///
  /// @throws UpstreamException if no complete response is received; a status such as 500 is a
  ///   response
  /// @throws IllegalArgumentException if the URL has no [Origin]
  UpstreamResponse send(UpstreamRequest request, UpstreamLimits limits, Cancellation cancellation);

  /// Sends a request for a stream of events. Returns a stream after the head of the response, or a
  /// complete response if the status is not 2xx or the body is JSON.
  ///
  /// @throws UpstreamException if no response is received
  /// @throws IllegalArgumentException if the URL has no [Origin]
  Result open(UpstreamRequest request, UpstreamLimits limits, Cancellation cancellation);
}
