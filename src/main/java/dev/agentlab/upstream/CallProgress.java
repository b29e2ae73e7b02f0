package dev.agentlab.upstream;

import dev.agentlab.upstream.UpstreamException.Kind;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How far one call has come, and the words for its failures. Written by one thread at a time, read
/// by any.
final class CallProgress {
  private static final long NOT_YET = Long.MIN_VALUE;

  private final Origin origin;
  private final long began = System.nanoTime();
  private volatile long resolved = NOT_YET;
  private volatile long connected = NOT_YET;

  CallProgress(Origin origin) {
    this.origin = origin;
  }

  Origin origin() {
    return origin;
  }

  /// When the call began, in the time of [System#nanoTime].
  long began() {
    return began;
  }

  void resolved() {
    resolved = System.nanoTime();
  }

  void connected() {
    connected = System.nanoTime();
  }

  CallTimings timings() {
    long now = System.nanoTime();
    long connecting = resolved == NOT_YET ? now : resolved;
    long asking = connected == NOT_YET ? now : connected;
    return new CallTimings(
        Duration.ofNanos(connecting - began),
        Duration.ofNanos(asking - connecting),
        Duration.ofNanos(now - asking));
  }

  UpstreamException failure(Kind kind, @Nullable Throwable cause) {
    return new UpstreamException(origin, kind, timings(), cause);
  }

  UpstreamException refused(EgressDenial refusal) {
    return new UpstreamException(origin, refusal, timings());
  }
}
