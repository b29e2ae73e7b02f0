package dev.agentlab.http;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;

/// The duration metrics of requests. Safe for all threads.
final class RequestMetrics {
  /// Histogram buckets. Few, because each combination of route, method and status has all of them.
  private static final Duration[] BUCKETS = {
    Duration.ofMillis(5),
    Duration.ofMillis(25),
    Duration.ofMillis(100),
    Duration.ofMillis(500),
    Duration.ofMillis(2500),
    Duration.ofSeconds(10),
  };

  /// The tags of one timer.
  private record TimerTags(String method, String route, int status) {}

  private final MeterRegistry meters;
  private final ConcurrentMap<TimerTags, Timer> timers = new ConcurrentHashMap<>();

  RequestMetrics(MeterRegistry meters) {
    this.meters = meters;
  }

  /// Records the duration of a request.
  ///
  /// @param method one of a closed list, so that clients cannot create metrics without bound
  /// @param endpoint empty if no route matched
  void recordDuration(String method, Optional<Endpoint> endpoint, int status, long nanos) {
    String route = endpoint.map(Endpoint::template).orElse("unmatched");
    timers
        .computeIfAbsent(new TimerTags(method, route, status), this::timer)
        .record(nanos, TimeUnit.NANOSECONDS);
  }

  private Timer timer(TimerTags tags) {
    return Timer.builder("http.server.requests")
        .description("Time from the request head to the end of the response")
        .tags("method", tags.method, "route", tags.route, "status", Integer.toString(tags.status))
        .serviceLevelObjectives(BUCKETS)
        .register(meters);
  }
}
