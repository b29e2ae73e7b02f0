package dev.agentlab.upstream;

/// What carries calls to an upstream. Blocks the calling thread, which should be virtual;
/// interrupting it ends the call, and so does the call's [Cancellation].
public interface Transport {

  /// What a call brought that may answer in parts.
  sealed interface Opened permits UpstreamResponse, UpstreamStream {}

  /// Calls and reads the answer to its end.
  ///
  /// @throws UpstreamException if no whole answer came; a status such as 500 is an answer
  /// @throws IllegalArgumentException if the URL has no [Origin]
  UpstreamResponse send(UpstreamRequest request, UpstreamLimits limits, Cancellation cancellation);

  /// Calls for a stream of events. Comes back with the head of the answer, or with a whole answer
  /// if what came is no success, or JSON.
  ///
  /// @throws UpstreamException if no answer came
  /// @throws IllegalArgumentException if the URL has no [Origin]
  Opened open(UpstreamRequest request, UpstreamLimits limits, Cancellation cancellation);
}
