package dev.agentlab.http;

import io.vertx.core.http.HttpHeaders;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// The current time as an HTTP `Date` (RFC 9110, section 5.6.7), formatted once per second. Safe
/// for all threads.
final class HttpDate {
  private static final DateTimeFormatter FORMAT =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private record Second(long number, CharSequence text) {}

  private volatile Second last = new Second(-1, "");

  CharSequence now() {
    long number = System.currentTimeMillis() / 1000;
    Second second = last;
    if (second.number != number) {
      second =
          new Second(
              number, HttpHeaders.createOptimized(FORMAT.format(Instant.ofEpochSecond(number))));
      last = second;
    }
    return second.text;
  }
}
