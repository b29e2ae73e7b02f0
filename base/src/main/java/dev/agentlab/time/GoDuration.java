package dev.agentlab.time;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;

/// Durations as text, written as Go's `time.ParseDuration` defines: `300ms`, `1.5h`, `1h30m`, `0`.
///
/// The units are `h`, `m`, `s`, `ms`, `us` (or `µs`) and `ns`. The range is that of Go: 64 bits of
/// nanoseconds, some 292 years.
public final class GoDuration {
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
    int end = 0;
    while (end < amount.length()) {
      int unit = endOfNumber(amount, end);
      String number = amount.substring(end, unit);
      if (number.isEmpty() || number.equals(".")) {
        throw notADuration();
      }
      end = endOfUnit(amount, unit);
      BigDecimal nanos = BigDecimal.valueOf(nanosIn(amount.substring(unit, end)));
      sum = sum.add(new BigDecimal(number).multiply(nanos).toBigInteger());
    }
    return sum;
  }

  private static int endOfNumber(String text, int start) {
    int end = endOfDigits(text, start);
    return end < text.length() && text.charAt(end) == '.' ? endOfDigits(text, end + 1) : end;
  }

  private static int endOfDigits(String text, int start) {
    int end = start;
    while (end < text.length() && isDigit(text.charAt(end))) {
      end++;
    }
    return end;
  }

  private static int endOfUnit(String text, int start) {
    int end = start;
    while (end < text.length() && !isDigit(text.charAt(end)) && text.charAt(end) != '.') {
      end++;
    }
    return end;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
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
