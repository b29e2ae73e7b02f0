package dev.agentlab.http;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;
import org.slf4j.spi.LoggingEventBuilder;

/// What a handler adds to the log line of its request, until the response has ended. Safe for all
/// threads.
public final class LogFields {
  private final Map<String, Object> values = new LinkedHashMap<>();
  private OptionalInt failedStatus = OptionalInt.empty();

  /// Adds a field, or replaces its value.
  ///
  /// @param value no secret
  public synchronized void put(String name, Object value) {
    values.put(name, value);
  }

  /// Notes that a stream of events failed after its head was sent. Log and metrics show the status
  /// that the response would have had otherwise. Of several failures the first counts.
  public synchronized void streamFailed(ProblemType problem) {
    if (failedStatus.isEmpty()) {
      failedStatus = OptionalInt.of(problem.status());
    }
  }

  synchronized OptionalInt failedStatus() {
    return failedStatus;
  }

  synchronized LoggingEventBuilder addTo(LoggingEventBuilder line) {
    LoggingEventBuilder more = line;
    for (Map.Entry<String, Object> field : values.entrySet()) {
      more = more.addKeyValue(field.getKey(), field.getValue());
    }
    return more;
  }
}
