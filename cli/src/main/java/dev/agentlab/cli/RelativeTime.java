package dev.agentlab.cli;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/// Formats times for users; `--json` has the times of the service unchanged.
final class RelativeTime {
  /// The distance from which the date is shown instead.
  private static final Duration MAX_DISTANCE = Duration.ofDays(90);

  private RelativeTime() {}

  /// Formats a time in RFC 3339 relative to now: `3 min ago`, `in 12 d`, or its date (UTC) if it is
  /// at least 90 days away. Returns any other text unchanged.
  static String format(String time) {
    return format(time, Instant.now());
  }

  static String format(String time, Instant now) {
    try {
      Instant instant = Instant.parse(time);
      Duration distance = Duration.between(instant, now);
      if (distance.abs().compareTo(MAX_DISTANCE) >= 0) {
        return instant.toString().substring(0, "2026-01-31".length());
      }
      if (distance.abs().toSeconds() == 0) {
        return "now";
      }
      String span = formatSpan(distance.abs());
      return distance.isNegative() ? "in " + span : span + " ago";
    } catch (DateTimeException _) {
      return time;
    }
  }

  /// Truncates a time in RFC 3339 to seconds. Returns any other text unchanged.
  static String truncateToSeconds(String time) {
    try {
      return Instant.parse(time).truncatedTo(ChronoUnit.SECONDS).toString();
    } catch (DateTimeException _) {
      return time;
    }
  }

  private static String formatSpan(Duration span) {
    if (span.toDays() > 0) {
      return span.toDays() + " d";
    }
    if (span.toHours() > 0) {
      return span.toHours() + " h";
    }
    return span.toMinutes() > 0 ? span.toMinutes() + " min" : span.toSeconds() + " s";
  }
}
