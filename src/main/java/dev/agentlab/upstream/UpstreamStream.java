package dev.agentlab.upstream;

import java.util.Map;
import java.util.concurrent.Flow;

/// What an upstream answers bit by bit: a success whose body is still to come.
///
/// @param status the HTTP status code, one of the 200s
/// @param headers by name in lower case; the first of several
/// @param body takes one subscriber, which is told by one thread at a time, an event loop's for
///   what comes over the network, and must not block it. It fails with an [UpstreamException] when
///   the upstream breaks off or a limit is passed, and ends the call when it is cancelled.
public record UpstreamStream(
    int status, Map<String, String> headers, Flow.Publisher<byte[]> body, CallTimings timings)
    implements Transport.Opened {

  /// What the subscriber of a body is given that comes over the network.
  public interface Subscription extends Flow.Subscription {
    /// Says that nothing more is wanted. Unlike a call that is cancelled, one that the upstream
    /// ends within a second leaves its connection to others.
    void release();
  }

  public UpstreamStream {
    headers = Map.copyOf(headers);
  }
}
