package dev.agentlab.cli;

import dev.agentlab.time.GoDuration;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Parses times and durations in flags.
final class TimeOptions {
  private static final Pattern DAYS = Pattern.compile("([0-9]{1,5})d");

  private TimeOptions() {}

  /// Parses a time: `2027-01-01` for the start of that day (UTC), `2027-01-01T12:00:00Z`, or a
  /// duration relative to now.
  ///
  /// @param direction 1 for a duration after now, -1 for one before now
  /// @throws CommandFailure if the text has none of these formats
  static Instant parseTime(String flag, String text, Instant now, int direction) {
    try {
      return parseSpan(text)
          .map(span -> now.plus(span.multipliedBy(direction)).truncatedTo(ChronoUnit.SECONDS))
          .orElseGet(() -> parseDate(text));
    } catch (DateTimeException | ArithmeticException _) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "%s: must be a time such as 90d, 12h, 2027-01-01 or 2027-01-01T12:00:00Z, was \"%s\""
              .formatted(flag, text));
    }
  }

  /// Parses a duration such as `90d`, `24h` or `1h30m` and returns it in the format of the service.
  ///
  /// @throws CommandFailure if the text is not a duration
  static String parseDuration(String flag, String text) {
    return parseSpan(text)
        .map(GoDuration::format)
        .orElseThrow(() ->
            new CommandFailure(
                ExitCode.USAGE,
                "%s: must be a duration such as 7d, 24h or 1h30m, was \"%s\""
                    .formatted(flag, text)));
  }

  /// Parses a duration such as `60s` or `0s`.
  ///
  /// @throws CommandFailure if the text is not a duration
  static Duration parseNonNegative(String flag, String text) {
    return parseSpan(text)
        .orElseThrow(() ->
            new CommandFailure(
                ExitCode.USAGE,
                "%s: must be a duration such as 60s or 2m, was \"%s\"".formatted(flag, text)));
  }

  private static Optional<Duration> parseSpan(String text) {
    Matcher days = DAYS.matcher(text);
    try {
      Duration span =
          days.matches() ? Duration.ofDays(Long.parseLong(days.group(1))) : GoDuration.parse(text);
      return span.isNegative() ? Optional.empty() : Optional.of(span);
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  private static Instant parseDate(String text) {
    return text.contains("T")
        ? OffsetDateTime.parse(text).toInstant()
        : LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
  }
}
