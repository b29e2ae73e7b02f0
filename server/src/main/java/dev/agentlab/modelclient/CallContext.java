package dev.agentlab.modelclient;

import dev.agentlab.eventloop.EventLoop;
import dev.agentlab.upstream.Cancellation;

/// The context of the model calls of one request.
///
/// @param loop the event loop of the request's connection, on which the calls run
/// @param cancellation cancels the calls after a client disconnect
/// @param listener receives the record of each call, in addition to the listeners of the client
/// @param errorEvents writes the event that ends an incomplete stream
/// @param keeper keeps streamed responses
public record CallContext(
    EventLoop loop,
    CallSource source,
    Cancellation cancellation,
    CallListener listener,
    ErrorEventWriter errorEvents,
    ResponseKeeper keeper) {

  /// The context of a call that runs an agent.
  public CallContext forAgent(CallSource.CalledAgent agent) {
    return withSource(source.withAgent(agent));
  }

  /// A copy with another source.
  public CallContext withSource(CallSource other) {
    return new CallContext(loop, other, cancellation, listener, errorEvents, keeper);
  }

  /// A copy that keeps streamed responses.
  public CallContext withKeeper(ResponseKeeper other) {
    CallListener both =
        ended -> {
          listener.onCallEnd(ended);
          other.onCallEnd();
        };
    return new CallContext(loop, source, cancellation, both, errorEvents, other);
  }
}
