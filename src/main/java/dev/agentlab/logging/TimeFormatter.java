package dev.agentlab.logging;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;

/// Formats times as RFC 3339 to the millisecond, with the offset of a zone. Times within one second
/// share the work. Thread-safe.
final class TimeFormatter {
  private static final DateTimeFormatter TO_THE_SECOND =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss");
  private static final DateTimeFormatter OFFSET = DateTimeFormatter.ofPattern("XXX");

  private record Second(long number, String text, String offset) {}

  private final ZoneId zone;
  private volatile Second last = new Second(Long.MIN_VALUE, "", "");

  TimeFormatter(ZoneId zone) {
    this.zone = zone;
  }

  /// @param millis since 1970
  String of(long millis) {
    long number = Math.floorDiv(millis, 1_000L);
    Second second = last;
    if (second.number != number) {
      ZonedDateTime time = Instant.ofEpochSecond(number).atZone(zone);
      second = new Second(number, TO_THE_SECOND.format(time), OFFSET.format(time));
      last = second;
    }
    int rest = (int) Math.floorMod(millis, 1_000L);
    String zeros = rest < 10 ? ".00" : rest < 100 ? ".0" : ".";
    return second.text + zeros + rest + second.offset;
  }
}
