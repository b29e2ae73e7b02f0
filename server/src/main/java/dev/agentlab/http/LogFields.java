package dev.agentlab.http;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;
import org.slf4j.spi.LoggingEventBuilder;

/// Fields that a handler adds to the access log line of its request, until the response has ended.
/// Safe for all threads.
public final class LogFields {
  private final Map<String, Object> values = new LinkedHashMap<>();
  private OptionalInt failedStatus = OptionalInt.empty();

  /// Adds a field, or replaces its value.
  ///
  /// @param value must not be a secret
  public synchronized void put(String name, Object value) {
    values.put(name, value);
  }

  /// Records that an event stream failed after its head was sent. Log and metrics then show the
  /// status of the problem instead of the status that was sent. The first of several failures
  /// counts.
  public synchronized void recordStreamFailure(ProblemType problem) {
    if (failedStatus.isEmpty()) {
      failedStatus = OptionalInt.of(problem.status());
    }
  }

  synchronized OptionalInt failedStatus() {
    return failedStatus;
  }

  synchronized LoggingEventBuilder addTo(LoggingEventBuilder line) {
    LoggingEventBuilder result = line;
    for (Map.Entry<String, Object> field : values.entrySet()) {
      result = result.addKeyValue(field.getKey(), field.getValue());
    }
    return result;
  }
}
