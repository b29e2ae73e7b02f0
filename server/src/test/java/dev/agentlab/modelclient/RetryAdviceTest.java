package dev.agentlab.modelclient;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.dialects.ProviderJson;
import dev.agentlab.upstream.CallTimings;
import dev.agentlab.upstream.UpstreamResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryAdviceTest {
  private static final Instant NOW = Instant.parse("2026-11-29T12:00:00Z");

  private static UpstreamResponse response(Map<String, String> headers) {
    CallTimings timings = new CallTimings(Duration.ZERO, Duration.ZERO, Duration.ZERO);
    return new UpstreamResponse(429, headers, new byte[0], timings);
  }

  private static Optional<Duration> delay(Map<String, String> headers, String body) {
    return RetryAdvice.delay(response(headers), ProviderJson.parseError(body), NOW);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          retry-after-ms; 1500;                          PT1.5S
          retry-after-ms; 12.5;                          PT0.0125S
          retry-after;    2;                             PT2S
          retry-after;    Sun, 29 Nov 2026 12:00:10 GMT; PT10S
          """)
  void delayIsReadFromHeaders(String header, String value, Duration expected) {
    assertThat(delay(Map.of(header, value), "")).contains(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          retry-after-ms; soon
          retry-after-ms; -1
          retry-after-ms; NaN
          retry-after;    soon
          retry-after;    99999999999999999999
          retry-after;    86400
          retry-after;    Sun, 29 Nov 2026 11:00:00 GMT
          """)
  void unusableDelayIsIgnored(String header, String value) {
    assertThat(delay(Map.of(header, value), "not JSON")).isEmpty();
  }

  @Test
  void millisecondsPrecedeSeconds() {
    Map<String, String> headers = Map.of("retry-after", "2", "retry-after-ms", "1500");
    assertThat(delay(headers, "")).contains(Duration.ofMillis(1_500));
  }

  // https://cloud.google.com/apis/design/errors#error_payloads
  @ParameterizedTest
  @CsvSource({"2s, PT2S", "0.25s, PT0.25S"})
  void delayIsReadFromGooglesRetryInfo(String delay, Duration expected) {
    String error =
        """
        {"error": {"code": 429, "details": [{"@type": "type.googleapis.com/google.rpc.Help"},
          {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "%s"}]}}
        """
            .formatted(delay);
    assertThat(delay(Map.of(), error)).contains(expected);
    assertThat(delay(Map.of(), "[" + error + "]")).contains(expected);
  }

  @ParameterizedTest
  @CsvSource({"false, false", "True, true"})
  void adviceAgainstRetriesIsRead(String value, boolean expected) {
    assertThat(RetryAdvice.shouldRetry(response(Map.of("x-should-retry", value))))
        .contains(expected);
  }

  @Test
  void unknownAdviceIsNone() {
    assertThat(RetryAdvice.shouldRetry(response(Map.of("x-should-retry", "maybe")))).isEmpty();
    assertThat(RetryAdvice.shouldRetry(response(Map.of()))).isEmpty();
  }
}
