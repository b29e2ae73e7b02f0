package dev.agentlab.modelclient;

import dev.agentlab.upstream.Cancellation;
import java.util.function.Consumer;

/// The context of the model calls of one request.
///
/// @param cancellation cancels the calls after a client disconnect
/// @param listener called once for each call when it has ended, on any thread. A stream ends when
///   its last event is written or the client disconnects earlier.
public record CallContext(Cancellation cancellation, Consumer<ModelCall> listener) {}
