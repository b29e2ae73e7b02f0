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

/// The time that one call takes.
///
/// @param began in the time of [System#nanoTime]
record SimulatedCall(Origin origin, UpstreamLimits limits, long began) {
  static SimulatedCall to(Origin origin, UpstreamLimits limits) {
    return new SimulatedCall(origin, limits, System.nanoTime());
  }

  Duration spent() {
    return Duration.ofNanos(System.nanoTime() - began);
  }

  /// Waits.
  ///
  /// @param until counted from the beginning of the call
  /// @param limit the same, for when to give up
  /// @throws UpstreamException if the limit comes first, or the thread or the call is cancelled
  void await(Duration until, Duration limit, Cancellation cancellation) {
    boolean tooLong = until.compareTo(limit) > 0;
    CountDownLatch cancelled = new CountDownLatch(1);
    Runnable forget = cancellation.onCancel(cancelled::countDown);
    try {
      Duration left = (tooLong ? limit : until).minus(spent());
      if (cancelled.await(left.toNanos(), TimeUnit.NANOSECONDS)) {
        throw failure(Kind.CANCELLED);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failure(Kind.CANCELLED);
    } finally {
      forget.run();
    }
    if (tooLong) {
      throw failure(Kind.TIMEOUT);
    }
  }

  CallTimings timings() {
    return new CallTimings(Duration.ZERO, Duration.ZERO, spent());
  }

  UpstreamException failure(Kind kind) {
    return new UpstreamException(origin, kind, timings());
  }
}
