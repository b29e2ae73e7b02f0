package dev.agentlab.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.LayoutBase;
import java.time.ZoneId;
import java.util.List;
import java.util.Objects;
import org.slf4j.event.KeyValuePair;

/// Formats an event as a human-readable line, `2026-01-31T14:05:09.120+01:00 INFO Server: listening
/// port=8080`, with a stack trace indented below. Control characters are escaped, which prevents
/// forged log lines and terminal escape sequences.
final class TextLayout extends LayoutBase<ILoggingEvent> {
  private static final String INDENT = "    ";
  private static final int MAX_LEVEL_LENGTH = 5;

  private final TimeFormatter timeFormatter;

  TextLayout(ZoneId zone) {
    timeFormatter = new TimeFormatter(zone);
  }

  @Override
  public String doLayout(ILoggingEvent event) {
    StringBuilder line = new StringBuilder(160);
    line.append(timeFormatter.format(event.getTimeStamp()));
    String level = event.getLevel().toString();
    line.append(' ').append(level).repeat(' ', MAX_LEVEL_LENGTH - level.length());
    line.append(' ').append(shortName(event.getLoggerName())).append(": ");
    appendEscaped(line, String.valueOf(event.getFormattedMessage()));
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
          .forEach(trace -> {
            appendEscaped(line.append(INDENT), trace.replace("\t", INDENT));
            line.append('\n');
          });
    }
    return line.toString();
  }

  private static String shortName(String logger) {
    return logger.substring(logger.lastIndexOf('.') + 1);
  }

  private static void append(StringBuilder line, String key, String value) {
    boolean plain = !value.isEmpty() && value.indexOf(' ') < 0 && value.indexOf('"') < 0;
    appendEscaped(line.append(' '), key);
    appendEscaped(line.append('='), plain ? value : '"' + value.replace("\"", "\\\"") + '"');
  }

  private static void appendEscaped(StringBuilder line, String text) {
    int plain = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isISOControl(c)) {
        line.append(text, plain, i).append(escaped(c));
        plain = i + 1;
      }
    }
    // Almost always the complete text.
    line.append(text, plain, text.length());
  }

  private static String escaped(char control) {
    return switch (control) {
      case '\n' -> "\\n";
      case '\r' -> "\\r";
      case '\t' -> "\\t";
      default -> "\\u%04x".formatted((int) control);
    };
  }
}
