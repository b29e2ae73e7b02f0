package dev.agentlab.simulation;

import dev.agentlab.upstream.CallTimings;
import dev.agentlab.upstream.Cancellation;
import dev.agentlab.upstream.Origin;
import dev.agentlab.upstream.UpstreamException;
import dev.agentlab.upstream.UpstreamException.Kind;
import dev.agentlab.upstream.UpstreamLimits;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// The timing of a simulated call.
///
/// @param startedAt start time, as [System#nanoTime]
record SimulatedCall(Origin origin, UpstreamLimits limits, long startedAt) {
  static SimulatedCall start(Origin origin, UpstreamLimits limits) {
    return new SimulatedCall(origin, limits, System.nanoTime());
  }

  Duration elapsed() {
    return Duration.ofNanos(System.nanoTime() - startedAt);
  }

  /// Waits until a time in the call.
  ///
  /// @param until relative to the start of the call
  /// @param limit the timeout, relative to the start of the call
  /// @throws UpstreamException if the timeout expires first, the thread is interrupted, or the call
  ///   is cancelled
  void await(Duration until, Duration limit, Cancellation cancellation) {
    boolean timesOut = until.compareTo(limit) > 0;
    CountDownLatch cancelled = new CountDownLatch(1);
    Runnable unsubscribe = cancellation.onCancel(cancelled::countDown);
    try {
      Duration remaining = (timesOut ? limit : until).minus(elapsed());
      if (cancelled.await(remaining.toNanos(), TimeUnit.NANOSECONDS)) {
        throw exception(Kind.CANCELLED);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw exception(Kind.CANCELLED);
    } finally {
      unsubscribe.run();
    }
    if (timesOut) {
      throw exception(Kind.TIMEOUT);
    }
  }

  CallTimings timings() {
    return new CallTimings(Duration.ZERO, Duration.ZERO, elapsed());
  }

  UpstreamException exception(Kind kind) {
    return new UpstreamException(origin, kind, timings());
  }
}
