package dev.agentlab.http;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/// Counts the requests in flight, from a request's head to the end of its response.
final class RequestLimiter {
  private final int max;
  private final AtomicInteger inFlight = new AtomicInteger();
  private final CompletableFuture<Void> drained = new CompletableFuture<>();
  private volatile boolean draining;

  /// @param max how many there may be
  RequestLimiter(int max, MeterRegistry meters) {
    this.max = max;
    Gauge.builder("http.server.in.flight", inFlight, AtomicInteger::get)
        .description("requests being answered")
        .register(meters);
  }

  /// Counts one more, and says whether there is room for it.
  boolean enter() {
    return inFlight.incrementAndGet() <= max;
  }

  /// Counts one less.
  void leave() {
    if (inFlight.decrementAndGet() == 0 && draining) {
      drained.complete(null);
    }
  }

  int inFlight() {
    return inFlight.get();
  }

  /// Whether the server is about to end: every answer is its connection's last.
  boolean draining() {
    return draining;
  }

  /// From here on the traffic runs out.
  void drain() {
    draining = true;
    if (inFlight.get() == 0) {
      drained.complete(null);
    }
  }

  /// Waits until none was in flight.
  ///
  /// @return whether that came within the time
  boolean awaitDrained(Duration within) throws InterruptedException {
    try {
      drained.get(Math.max(0, within.toNanos()), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new AssertionError("only ever completed with success", e);
    }
  }
}
