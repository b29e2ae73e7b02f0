package dev.agentlab.cli;

import dev.agentlab.config.GoDuration;
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

/// Times and spans of time as a flag gives them.
final class TimeOptions {
  private static final Pattern DAYS = Pattern.compile("([0-9]{1,5})d");

  private TimeOptions() {}

  /// The time that a flag names: `2027-01-01`, when that day begins (UTC), `2027-01-01T12:00:00Z`,
  /// or a span of time before or after now.
  ///
  /// @param direction 1 for spans after now, -1 for before
  /// @throws Failure if it is none of these
  static Instant parse(String flag, String text, Instant now, int direction) {
    try {
      return span(text)
          .map(span -> now.plus(span.multipliedBy(direction)).truncatedTo(ChronoUnit.SECONDS))
          .orElseGet(() -> date(text));
    } catch (DateTimeException | ArithmeticException _) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "%s \"%s\" is no time; give one such as 90d, 12h, 2027-01-01 or 2027-01-01T12:00:00Z"
              .formatted(flag, text));
    }
  }

  /// A span of time as a flag names it: `90d`, `24h`, `1h30m`; as the service takes it.
  ///
  /// @throws Failure if it is none
  static String duration(String flag, String text) {
    return span(text)
        .map(GoDuration::format)
        .orElseThrow(() ->
            new CommandFailure(
                ExitCode.USAGE,
                "%s \"%s\" is no span of time; give one such as 7d, 24h or 1h30m"
                    .formatted(flag, text)));
  }

  private static Optional<Duration> span(String text) {
    Matcher days = DAYS.matcher(text);
    try {
      Duration span =
          days.matches() ? Duration.ofDays(Long.parseLong(days.group(1))) : GoDuration.parse(text);
      return span.isNegative() ? Optional.empty() : Optional.of(span);
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  private static Instant date(String text) {
    return text.contains("T")
        ? OffsetDateTime.parse(text).toInstant()
        : LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
  }
}
