package dev.agentlab.http;

import dev.agentlab.security.Caller;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/// The access log: one line for each request, probes at debug level.
final class AccessLog {
  private static final Logger LOG = LoggerFactory.getLogger("dev.agentlab.http.requests");

  private AccessLog() {}

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
