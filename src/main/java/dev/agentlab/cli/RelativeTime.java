package dev.agentlab.cli;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/// Times as a person reads them; programs get those of the service, by `--json`.
final class RelativeTime {
  /// How far away a time is before its date says more.
  private static final Duration MAX_DISTANCE = Duration.ofDays(90);

  private RelativeTime() {}

  /// A time in RFC 3339 as its distance from now: `3 min ago`, `in 12 d`, or its date (UTC) when it
  /// is far away. Any other text as it is.
  static String of(String time) {
    return of(time, Instant.now());
  }

  static String of(String time, Instant now) {
    try {
      Instant instant = Instant.parse(time);
      Duration distance = Duration.between(instant, now);
      if (distance.abs().compareTo(MAX_DISTANCE) >= 0) {
        return instant.toString().substring(0, "2026-01-31".length());
      }
      if (distance.abs().toSeconds() == 0) {
        return "now";
      }
      String span = span(distance.abs());
      return distance.isNegative() ? "in " + span : span + " ago";
    } catch (DateTimeException _) {
      return time;
    }
  }

  /// A time in RFC 3339 to the second. Any other text as it is.
  static String toTheSecond(String time) {
    try {
      return Instant.parse(time).truncatedTo(ChronoUnit.SECONDS).toString();
    } catch (DateTimeException _) {
      return time;
    }
  }

  private static String span(Duration span) {
    if (span.toDays() > 0) {
      return span.toDays() + " d";
    }
    if (span.toHours() > 0) {
      return span.toHours() + " h";
    }
    return span.toMinutes() > 0 ? span.toMinutes() + " min" : span.toSeconds() + " s";
  }
}
