package dev.agentlab.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.LayoutBase;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.slf4j.event.KeyValuePair;

/// An event as a line for people: `2026-01-31 14:05:09.120 INFO Server: listening port=8080`, and a
/// stack trace indented below it. Control characters are escaped, so that no text can pass for
/// another line or command the terminal.
final class TextLines extends LayoutBase<ILoggingEvent> {
  private static final String INDENT = "    ";

  private final DateTimeFormatter time;

  TextLines(ZoneId zone) {
    time = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSS").withZone(zone);
  }

  @Override
  public String doLayout(ILoggingEvent event) {
    StringBuilder line = new StringBuilder(160);
    time.formatTo(Instant.ofEpochMilli(event.getTimeStamp()), line);
    line.append(' ').append("%-5s".formatted(event.getLevel()));
    line.append(' ').append(shortName(event.getLoggerName())).append(": ");
    line.append(escaped(String.valueOf(event.getFormattedMessage())));
    for (KeyValuePair pair :
        Objects.requireNonNullElse(event.getKeyValuePairs(), List.<KeyValuePair>of())) {
      append(line, pair.key, String.valueOf(pair.value));
    }
    String requestId = event.getMDCPropertyMap().get(Logging.REQUEST_ID);
    if (requestId != null) {
      append(line, Logging.REQUEST_ID, requestId);
    }
    line.append('\n');
    if (event.getThrowableProxy() != null) {
      ThrowableProxyUtil.asString(event.getThrowableProxy())
          .lines()
          .forEach(trace ->
              line.append(INDENT).append(escaped(trace.replace("\t", INDENT))).append('\n'));
    }
    return line.toString();
  }

  private static String shortName(String logger) {
    return logger.substring(logger.lastIndexOf('.') + 1);
  }

  private static void append(StringBuilder line, String key, String value) {
    boolean plain = !value.isEmpty() && value.chars().noneMatch(c -> c == ' ' || c == '"');
    String text = plain ? value : '"' + value.replace("\"", "\\\"") + '"';
    line.append(' ').append(escaped(key)).append('=').append(escaped(text));
  }

  private static String escaped(String text) {
    if (text.chars().noneMatch(Character::isISOControl)) {
      return text;
    }
    return text.chars().mapToObj(TextLines::escaped).collect(Collectors.joining());
  }

  private static String escaped(int character) {
    return switch (character) {
      case '\n' -> "\\n";
      case '\r' -> "\\r";
      case '\t' -> "\\t";
      default ->
          Character.isISOControl(character)
              ? "\\u%04x".formatted(character)
              : Character.toString(character);
    };
  }
}
