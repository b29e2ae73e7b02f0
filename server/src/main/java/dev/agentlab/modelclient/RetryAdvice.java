package dev.agentlab.modelclient;

import dev.agentlab.upstream.UpstreamResponse;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// Reads the advice on retries in an error response of a provider.
final class RetryAdvice {
  /// A longer delay is ignored.
  private static final Duration MAX_DELAY = Duration.ofDays(1);

  private RetryAdvice() {}

  /// The delay before the next call: `retry-after-ms` of OpenAI, `Retry-After` (RFC 9110, 10.2.3),
  /// or `google.rpc.RetryInfo` in the body of Google's errors.
  ///
  /// @param error the result of [dev.agentlab.dialects.ProviderJson#parseError]
  static Optional<Duration> delay(UpstreamResponse response, JsonNode error, Instant now) {
    return response
        .header("retry-after-ms")
        .flatMap(RetryAdvice::parseMilliseconds)
        .or(() -> response.header("retry-after").flatMap(value -> parseRetryAfter(value, now)))
        .or(() -> retryInfo(error))
        .filter(it -> !it.isNegative() && it.compareTo(MAX_DELAY) < 0);
  }

  /// Whether the provider advises to retry: `x-should-retry` of OpenAI and Anthropic; empty if it
  /// gives no advice.
  static Optional<Boolean> shouldRetry(UpstreamResponse response) {
    return response
        .header("x-should-retry")
        .map(it -> it.strip().toLowerCase(Locale.ROOT))
        .filter(it -> it.equals("true") || it.equals("false"))
        .map(Boolean::valueOf);
  }

  private static Optional<Duration> parseMilliseconds(String value) {
    try {
      double milliseconds = Double.parseDouble(value.strip());
      return milliseconds >= 0 && milliseconds < MAX_DELAY.toMillis()
          ? Optional.of(Duration.ofNanos(Math.round(milliseconds * 1e6)))
          : Optional.empty();
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /// Parses seconds or a date.
  private static Optional<Duration> parseRetryAfter(String value, Instant now) {
    try {
      return Optional.of(
          value.strip().chars().allMatch(Character::isDigit)
              ? Duration.ofSeconds(Long.parseLong(value.strip()))
              : Duration.between(
                  now, ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME)));
    } catch (DateTimeException | ArithmeticException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static Optional<Duration> retryInfo(JsonNode error) {
    return error
        .at("/error/details")
        .valueStream()
        .filter(it -> it.path("@type").asString("").endsWith("/google.rpc.RetryInfo"))
        .findFirst()
        .flatMap(it -> parseProtobufDuration(it.path("retryDelay").asString("")));
  }

  /// Parses the JSON form of a Protocol Buffers duration, such as `1.5s`.
  private static Optional<Duration> parseProtobufDuration(String text) {
    try {
      return Optional.of(Duration.parse("PT" + text.toUpperCase(Locale.ROOT)));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
