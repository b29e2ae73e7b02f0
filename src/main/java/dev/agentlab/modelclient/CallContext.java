package dev.agentlab.modelclient;

import dev.agentlab.upstream.Cancellation;
import java.util.function.Consumer;

/// What connects the model calls of one request with its caller.
///
/// @param cancellation ends them when the caller leaves
/// @param listener is called once for each when it has ended, on any thread; for a stream when its
///   last event is written, or when the caller leaves before
public record CallContext(Cancellation cancellation, Consumer<ModelCall> listener) {}
