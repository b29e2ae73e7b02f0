package dev.agentlab.http;

import java.util.OptionalLong;
import java.util.concurrent.Flow;

/// The body of a request as it arrives. Accepts one subscriber, which it signals on the event loop
/// of the request, and receives from the client only what the subscriber has requested.
///
/// It fails if the client disconnects, if the body is larger than the route permits, or if the
/// client sends nothing for the read timeout; the server then rejects the request itself, and runs
/// the actions of [Request#onCancel]. Cancelling the subscription discards the rest.
public interface BodyStream extends Flow.Publisher<byte[]> {
  /// The number of bytes, 0 for a request without a body; empty if the client does not announce it.
  OptionalLong length();
}
