package dev.agentlab.config;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Durations as text, written as Go's `time.ParseDuration` defines: `300ms`, `1.5h`, `1h30m`, `0`.
///
/// The units are `h`, `m`, `s`, `ms`, `us` (or `µs`) and `ns`. The range is that of Go: 64 bits of
/// nanoseconds, some 292 years.
public final class GoDuration {
  private static final Pattern PART = Pattern.compile("([0-9]+\\.?[0-9]*|\\.[0-9]+)([a-zµμ]+)");

  private GoDuration() {}

  /// Parses a duration.
  ///
  /// @throws IllegalArgumentException if the text is not a duration or out of range
  public static Duration parse(String text) {
    boolean negative = text.startsWith("-");
    String amount = negative || text.startsWith("+") ? text.substring(1) : text;
    BigInteger nanos = amount.equals("0") ? BigInteger.ZERO : nanos(amount);
    if (negative) {
      nanos = nanos.negate();
    }
    if (nanos.bitLength() >= Long.SIZE) {
      throw new IllegalArgumentException("a duration out of range");
    }
    return Duration.ofNanos(nanos.longValueExact());
  }

  /// The text that [#parse] parses to the same duration: `1h30m`, `1s500ms`, `0`.
  public static String format(Duration duration) {
    if (duration.isZero()) {
      return "0";
    }
    Duration positive = duration.abs();
    int nanos = positive.toNanosPart() % 1_000_000;
    return (duration.isNegative() ? "-" : "")
        + part(positive.toHours(), "h")
        + part(positive.toMinutesPart(), "m")
        + part(positive.toSecondsPart(), "s")
        + part(positive.toMillisPart(), "ms")
        + part(nanos / 1_000, "us")
        + part(nanos % 1_000, "ns");
  }

  private static String part(long amount, String unit) {
    return amount == 0 ? "" : amount + unit;
  }

  private static BigInteger nanos(String amount) {
    if (amount.isEmpty()) {
      throw notADuration();
    }
    BigInteger sum = BigInteger.ZERO;
    Matcher part = PART.matcher(amount);
    while (part.regionStart() < amount.length()) {
      if (!part.lookingAt()) {
        throw notADuration();
      }
      BigDecimal unit = BigDecimal.valueOf(nanosIn(part.group(2)));
      sum = sum.add(new BigDecimal(part.group(1)).multiply(unit).toBigInteger());
      part.region(part.end(), amount.length());
    }
    return sum;
  }

  private static long nanosIn(String unit) {
    return switch (unit) {
      case "h" -> 3_600_000_000_000L;
      case "m" -> 60_000_000_000L;
      case "s" -> 1_000_000_000L;
      case "ms" -> 1_000_000L;
      // The micro sign and the Greek letter mu look the same.
      case "us", "µs", "μs" -> 1_000L;
      case "ns" -> 1L;
      default -> throw notADuration();
    };
  }

  private static IllegalArgumentException notADuration() {
    return new IllegalArgumentException("not a duration such as 30s or 1h30m");
  }
}
