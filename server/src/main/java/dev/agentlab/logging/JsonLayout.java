package dev.agentlab.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.LayoutBase;
import dev.agentlab.json.Json;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.slf4j.event.KeyValuePair;

/// Formats an event as a JSON object on one line: `time` (RFC 3339, UTC), `level`, `logger`,
/// `message`, then `request_id` and `error` (a stack trace) if present, then the event's key-value
/// pairs. A key that duplicates a member gets the suffix `_`.
final class JsonLayout extends LayoutBase<ILoggingEvent> {
  private static final TimeFormatter TIME_FORMATTER = new TimeFormatter(ZoneOffset.UTC);

  @Override
  public String doLayout(ILoggingEvent event) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("time", TIME_FORMATTER.format(event.getTimeStamp()));
    line.put("level", event.getLevel().toString());
    line.put("logger", event.getLoggerName());
    line.put("message", String.valueOf(event.getFormattedMessage()));
    String requestId = event.getMDCPropertyMap().get(Logging.REQUEST_ID);
    if (requestId != null) {
      line.put(Logging.REQUEST_ID, requestId);
    }
    if (event.getThrowableProxy() != null) {
      line.put("error", ThrowableProxyUtil.asString(event.getThrowableProxy()));
    }
    for (KeyValuePair pair :
        Objects.requireNonNullElse(event.getKeyValuePairs(), List.<KeyValuePair>of())) {
      line.put(uniqueName(pair.key, line), toJsonValue(pair.value));
    }
    return Json.MAPPER.writeValueAsString(line) + "\n";
  }

  private static String uniqueName(String key, Map<String, Object> line) {
    String name = key;
    while (line.containsKey(name)) {
      name += "_";
    }
    return name;
  }

  // Numbers and booleans keep their type; other values are written as their toString(), which does
  // not reveal a secret.
  private static Object toJsonValue(Object value) {
    return switch (value) {
      case Integer _, Long _, Double _, Boolean _ -> value;
      case null, default -> String.valueOf(value);
    };
  }
}
