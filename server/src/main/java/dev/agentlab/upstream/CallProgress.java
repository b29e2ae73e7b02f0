package dev.agentlab.upstream;

import dev.agentlab.upstream.UpstreamException.Kind;
import dev.agentlab.upstream.UpstreamException.Route;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// The progress of one call. Also creates the exceptions of the call, with its timings. Written by
/// one thread at a time, read by any thread.
final class CallProgress {
  private static final long NOT_REACHED = Long.MIN_VALUE;

  private final Origin origin;
  private final Route route;
  private final long startNanos = System.nanoTime();
  private volatile long resolvedAt = NOT_REACHED;
  private volatile long connectedAt = NOT_REACHED;

  CallProgress(Origin origin, Route route) {
    this.origin = origin;
    this.route = route;
  }

  Origin origin() {
    return origin;
  }

  Route route() {
    return route;
  }

  /// The start of the call, in the time of [System#nanoTime].
  long startNanos() {
    return startNanos;
  }

  void markResolved() {
    resolvedAt = System.nanoTime();
  }

  void markConnected() {
    connectedAt = System.nanoTime();
  }

  CallTimings timings() {
    long now = System.nanoTime();
    long connectStart = resolvedAt == NOT_REACHED ? now : resolvedAt;
    long requestStart = connectedAt == NOT_REACHED ? now : connectedAt;
    return new CallTimings(
        Duration.ofNanos(connectStart - startNanos),
        Duration.ofNanos(requestStart - connectStart),
        Duration.ofNanos(now - requestStart));
  }

  UpstreamException createException(Kind kind, @Nullable Throwable cause) {
    return new UpstreamException(origin, route, kind, timings(), cause);
  }

  UpstreamException createDenial(EgressDenial denial) {
    return new UpstreamException(origin, route, denial, timings());
  }
}
