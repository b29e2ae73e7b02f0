package dev.agentlab.upstream;

import dev.agentlab.eventloop.EventLoop;
import java.util.concurrent.CompletableFuture;

/// Sends calls to an upstream. Thread-safe.
public interface Transport {

  /// The result of a call that may stream: a complete response or a stream.
  sealed interface Result permits UpstreamResponse, UpstreamStream {}

  /// Starts a call, without blocking. [UpstreamRequest#responseMode] decides whether it results in
  /// a stream, after the head of the response, or in a complete response.
  ///
  /// @param loop the event loop that receives the response, and on which the result is completed
  /// @param cancellation ends the call until the result is completed
  /// @return fails with an [UpstreamException] if no response is received; a status such as 500 is
  ///   a response
  /// @throws IllegalArgumentException if the URL has no [Origin]
  CompletableFuture<Result> start(
      EventLoop loop, UpstreamRequest request, UpstreamLimits limits, Cancellation cancellation);

  /// Sends a request and reads the complete response. Blocks the calling thread, which should be
  /// virtual; interrupting it cancels the call, and so does the cancellation.
  ///
  /// @param request does not ask for a stream
  /// @throws UpstreamException if no complete response is received
  /// @throws IllegalArgumentException if the URL has no [Origin]
  UpstreamResponse send(UpstreamRequest request, UpstreamLimits limits, Cancellation cancellation);
}
