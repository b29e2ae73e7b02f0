package dev.agentlab.http;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/// Limits and counts the requests in flight, from the head of a request to the end of its response.
/// Safe for all threads.
final class RequestLimiter {
  /// How long a connection remains open after a response that did not announce its end. A client
  /// may have sent the next request before it learns that the connection is closed.
  private static final Duration QUIET_TIME = Duration.ofMillis(500);

  private final int max;
  private final AtomicInteger inFlight = new AtomicInteger();
  private final CompletableFuture<Void> drained = new CompletableFuture<>();
  private volatile boolean isAnnounced;
  private volatile boolean isDraining;

  /// @param max the maximum number of requests in flight
  RequestLimiter(int max, MeterRegistry meters) {
    this.max = max;
    Gauge.builder("http.server.in.flight", inFlight, AtomicInteger::get)
        .description("Requests in flight")
        .register(meters);
  }

  /// Counts a new request, and returns whether it is within the limit.
  boolean begin() {
    return inFlight.incrementAndGet() <= max;
  }

  /// Counts the end of a request, also of one that exceeded the limit.
  void end() {
    if (inFlight.decrementAndGet() == 0 && isDraining) {
      drained.complete(null);
    }
  }

  int inFlight() {
    return inFlight.get();
  }

  /// Whether the server is shutting down: every response closes its connection.
  boolean isClosing() {
    return isAnnounced || isDraining;
  }

  /// Whether the server waits for the end of the requests in flight.
  boolean isDraining() {
    return isDraining;
  }

  /// Closes each connection with its next response.
  void announceDraining() {
    isAnnounced = true;
  }

  /// How long a connection must have been idle to be closed while draining; not at all if there was
  /// no announcement, so that the stop is quick.
  Duration quietTime() {
    return isAnnounced ? QUIET_TIME : Duration.ZERO;
  }

  /// Starts to wait for the end of the requests in flight.
  void startDraining() {
    isDraining = true;
    if (inFlight.get() == 0) {
      drained.complete(null);
    }
  }

  /// Waits until no request is in flight.
  ///
  /// @return false if the timeout expired first
  boolean awaitDrained(Duration timeout) throws InterruptedException {
    try {
      drained.get(Math.max(0, timeout.toNanos()), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new AssertionError("never completed exceptionally", e);
    }
  }
}
