package dev.agentlab.logging;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;

/// Formats times as RFC 3339 with milliseconds and the offset of a zone. Caches the text of the
/// last second. Thread-safe.
final class TimeFormatter {
  private static final DateTimeFormatter SECOND_FORMAT =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss");
  private static final DateTimeFormatter OFFSET_FORMAT = DateTimeFormatter.ofPattern("XXX");

  private record Second(long epochSecond, String text, String offset) {}

  private final ZoneId zone;
  private volatile Second lastSecond = new Second(Long.MIN_VALUE, "", "");

  TimeFormatter(ZoneId zone) {
    this.zone = zone;
  }

  /// @param millis milliseconds since the epoch
  String format(long millis) {
    long epochSecond = Math.floorDiv(millis, 1_000L);
    Second second = lastSecond;
    if (second.epochSecond != epochSecond) {
      ZonedDateTime time = Instant.ofEpochSecond(epochSecond).atZone(zone);
      second = new Second(epochSecond, SECOND_FORMAT.format(time), OFFSET_FORMAT.format(time));
      lastSecond = second;
    }
    int fraction = (int) Math.floorMod(millis, 1_000L);
    String zeros = fraction < 10 ? ".00" : fraction < 100 ? ".0" : ".";
    return second.text + zeros + fraction + second.offset;
  }
}
