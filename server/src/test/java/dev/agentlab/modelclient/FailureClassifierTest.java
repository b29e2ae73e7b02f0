package dev.agentlab.modelclient;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.modelclient.CallFailure.Effect;
import dev.agentlab.upstream.CallTimings;
import dev.agentlab.upstream.Origin;
import dev.agentlab.upstream.UpstreamException;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class FailureClassifierTest {
  private static final CallTimings NO_TIMINGS =
      new CallTimings(Duration.ZERO, Duration.ZERO, Duration.ZERO);

  @ParameterizedTest
  @CsvSource({
    "TIMEOUT,         10s, 30s, true",
    "TIMEOUT,          9s, 30s, false",
    "CONNECT_TIMEOUT,  2s, 30s, true",
    "CONNECT_TIMEOUT,  1s, 30s, false",
    "CONNECT_TIMEOUT, 30s,  1s, false",
    "RESOLVE_TIMEOUT,  1s, 30s, false",
    "TLS_TIMEOUT,     30s,  1s, false",
    "CONNECT_REFUSED,  1s,  1s, true",
    "RESET,            1s,  1s, true",
  })
  void timeoutCountsOnlyIfProviderHadEnoughTime(
      UpstreamException.Kind kind, String timeout, String connectTimeout, boolean counts) {
    CallPolicy policy =
        new CallPolicy(
            Duration.parse("PT" + timeout),
            TestModelClients.THREE_RETRIES,
            1,
            Duration.parse("PT" + connectTimeout));
    UpstreamException thrown =
        new UpstreamException(Origin.of(URI.create("http://127.0.0.1:1")), kind, NO_TIMINGS);

    assertThat(FailureClassifier.of(thrown, policy).effect())
        .isEqualTo(counts ? Effect.FAILURE : Effect.NONE);
  }

  @ParameterizedTest
  @EnumSource
  void messageForTheCallerHasNoAddress(UpstreamException.Kind kind) {
    UpstreamException thrown =
        new UpstreamException(Origin.of(URI.create("http://10.0.0.1:1")), kind, NO_TIMINGS);

    assertThat(FailureClassifier.of(thrown, TestModelClients.POLICY).toException(2))
        .message()
        .doesNotContain("10.0.0.1");
  }
}
