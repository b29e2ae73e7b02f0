package dev.agentlab.modelclient;

import dev.agentlab.dialects.AnsweredResponse;
import java.util.concurrent.CompletableFuture;

/// Keeps streamed responses to which the client may refer in its next request.
@FunctionalInterface
public interface ResponseKeeper {
  /// Keeps nothing.
  ResponseKeeper NONE = (_, _) -> CompletableFuture.allOf();

  /// Keeps a response before the client receives its last event. Must not block.
  ///
  /// @param target the target that responded
  /// @return completed on the event loop of the call when the response is kept; a failure only
  ///   delays the last event
  CompletableFuture<Void> keep(AnsweredResponse response, CallTarget target);

  /// Called once when the call has ended; a response may still be on its way to be kept.
  default void onCallEnd() {}
}
