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

/// The access log and the duration metrics of requests. Safe for all threads.
final class AccessLog {
  private static final Logger LOG = LoggerFactory.getLogger("dev.agentlab.http.requests");

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

  AccessLog(MeterRegistry meters) {
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

  static boolean isLogged(Optional<Endpoint> endpoint) {
    return LOG.isEnabledForLevel(level(endpoint));
  }

  /// Writes the log line of a request. The MDC of the thread must have the request id.
  ///
  /// @param caller empty if the caller is unknown
  /// @param fields the fields that the handler added
  static void write(
      Optional<Endpoint> endpoint,
      String method,
      String uri,
      String address,
      Optional<Caller> caller,
      long nanos,
      int status,
      long bytes,
      LogFields fields) {
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
    fields.addTo(line).log("request");
  }

  private static Level level(Optional<Endpoint> endpoint) {
    return endpoint.isPresent() && endpoint.get().route().isProbe() ? Level.DEBUG : Level.INFO;
  }

  /// Rounded to hundredths.
  private static double milliseconds(long nanos) {
    return Math.round(nanos / 10_000.0) / 100.0;
  }
}
