package dev.agentlab.logging;

import java.time.Instant;
import java.time.format.DateTimeFormatter;

/// Writes times to the millisecond; those within a second share the work for it. Safe for all
/// threads.
final class TimeText {
  private record Second(long number, String text) {}

  private final DateTimeFormatter toTheSecond;
  private final String suffix;
  private volatile Second last = new Second(Long.MIN_VALUE, "");

  /// @param toTheSecond has a zone
  /// @param suffix what follows the milliseconds
  TimeText(DateTimeFormatter toTheSecond, String suffix) {
    this.toTheSecond = toTheSecond;
    this.suffix = suffix;
  }

  /// @param millis since 1970
  String of(long millis) {
    long number = Math.floorDiv(millis, 1_000L);
    Second second = last;
    if (second.number != number) {
      second = new Second(number, toTheSecond.format(Instant.ofEpochSecond(number)));
      last = second;
    }
    int rest = (int) Math.floorMod(millis, 1_000L);
    String zeros = rest < 10 ? ".00" : rest < 100 ? ".0" : ".";
    return second.text + zeros + rest + suffix;
  }
}
