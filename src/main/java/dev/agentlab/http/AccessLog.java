package dev.agentlab.http;

import dev.agentlab.security.Caller;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/// What is kept of each request: a line in the log and a place in the statistics.
final class AccessLog {
  private static final Logger LOG = LoggerFactory.getLogger("dev.agentlab.http.requests");

  /// Few, because every route, method and status has each of them.
  private static final Duration[] BUCKETS = {
    Duration.ofMillis(5),
    Duration.ofMillis(25),
    Duration.ofMillis(100),
    Duration.ofMillis(500),
    Duration.ofMillis(2500),
    Duration.ofSeconds(10),
  };

  /// What is timed together.
  private record Kind(String method, String route, int status) {}

  private final MeterRegistry meters;
  private final ConcurrentMap<Kind, Timer> timers = new ConcurrentHashMap<>();

  AccessLog(MeterRegistry meters) {
    this.meters = meters;
  }

  /// Adds a request to the statistics.
  ///
  /// @param method one of a closed list, so that callers cannot make statistics grow
  /// @param endpoint empty when the request met none
  void time(String method, Optional<Endpoint> endpoint, int status, long nanos) {
    String route = endpoint.map(Endpoint::template).orElse("unmatched");
    timers
        .computeIfAbsent(new Kind(method, route, status), this::timer)
        .record(nanos, TimeUnit.NANOSECONDS);
  }

  private Timer timer(Kind kind) {
    return Timer.builder("http.server.requests")
        .description("from a request's head to its answer")
        .tags("method", kind.method, "route", kind.route, "status", Integer.toString(kind.status))
        .serviceLevelObjectives(BUCKETS)
        .register(meters);
  }

  static boolean isLogged(Optional<Endpoint> endpoint) {
    return LOG.isEnabledForLevel(level(endpoint));
  }

  /// Writes the line. The request's id is in the context of this as of every line about it.
  ///
  /// @param caller empty where nobody is known
  /// @param more what the handler added
  static void line(
      Optional<Endpoint> endpoint,
      String method,
      String uri,
      String address,
      Optional<Caller> caller,
      long nanos,
      int status,
      long bytes,
      LogFields more) {
    LoggingEventBuilder line =
        LOG.atLevel(level(endpoint))
            .addKeyValue("method", method)
            .addKeyValue("uri", uri)
            .addKeyValue("address", address);
    if (caller.isPresent()) {
      line = line.addKeyValue("caller", caller.get().id());
    }
    line =
        line.addKeyValue("duration_ms", milliseconds(nanos))
            .addKeyValue("status", status)
            .addKeyValue("bytes", bytes);
    more.addTo(line).log("request");
  }

  private static Level level(Optional<Endpoint> endpoint) {
    return endpoint.isPresent() && endpoint.get().route().probe() ? Level.DEBUG : Level.INFO;
  }

  /// To the hundredth.
  private static double milliseconds(long nanos) {
    return Math.round(nanos / 10_000.0) / 100.0;
  }
}
