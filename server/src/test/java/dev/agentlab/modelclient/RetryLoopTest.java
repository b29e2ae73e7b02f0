package dev.agentlab.modelclient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentlab.dialects.ProviderJson;
import dev.agentlab.kinds.ProviderKinds;
import dev.agentlab.upstream.Cancellation;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RetryLoopTest {
  private final ManualClock clock = new ManualClock();
  private final CircuitBreaker breaker = clock.createBreaker();
  private final RetryLoop retryLoop =
      new RetryLoop(
          target(),
          new ProviderHealth.ProviderState(breaker, new RetryBudget()),
          TestModelClients.TIMEOUT,
          new Cancellation());

  @Test
  void trialWithJavaErrorAllowsTheNextCall() {
    for (int i = 0; i < 10; i++) {
      assertThatThrownBy(() ->
              retryLoop.run((_, _) -> {
                throw new FailedAttemptException(CallFailure.truncated());
              }))
          .isInstanceOf(ModelCallException.class);
    }
    assertThat(breaker.isOpen()).isTrue();
    clock.advance(Duration.ofSeconds(5));

    assertThatThrownBy(() ->
            retryLoop.run((_, _) -> {
              throw new StackOverflowError();
            }))
        .isInstanceOf(StackOverflowError.class);
    assertThat(retryLoop.<String>run((_, _) -> "well")).isEqualTo("well");
  }

  private static Target target() {
    ProviderKinds kinds = ProviderKinds.standard();
    String config = "{\"name\": \"ollama\", \"base_url\": \"http://127.0.0.1:1\"}";
    return new Target(
        "ollama",
        "it",
        kinds.build(kinds.parse(ProviderJson.MAPPER.readTree(config))),
        TestModelClients.NO_RETRIES);
  }
}
