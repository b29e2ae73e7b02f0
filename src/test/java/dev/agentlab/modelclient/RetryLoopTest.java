package dev.agentlab.modelclient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentlab.dialects.ProviderJson;
import dev.agentlab.kinds.ProviderKinds;
import dev.agentlab.upstream.Cancellation;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RetryLoopTest {
  private final BreakerTime time = new BreakerTime();
  private final CircuitBreaker breaker = time.breaker();
  private final RetryLoop attempts =
      new RetryLoop(
          target(),
          new ProviderHealth.Of(breaker, new RetryBudget()),
          TestRelays.LONG,
          new Cancellation());

  @Test
  void trialThatEndsInAnErrorGivesWayToTheNextCall() {
    for (int i = 0; i < 10; i++) {
      assertThatThrownBy(() ->
              attempts.run((_, _) -> {
                throw new FailedAttemptException(CallFailure.cutOff());
              }))
          .isInstanceOf(ModelCallException.class);
    }
    assertThat(breaker.isOpen()).isTrue();
    time.pass(Duration.ofSeconds(5));

    assertThatThrownBy(() ->
            attempts.run((_, _) -> {
              throw new StackOverflowError();
            }))
        .isInstanceOf(StackOverflowError.class);
    assertThat(attempts.<String>run((_, _) -> "well")).isEqualTo("well");
  }

  private static Target target() {
    ProviderKinds kinds = ProviderKinds.standard();
    String config = "{\"name\": \"ollama\", \"base_url\": \"http://127.0.0.1:1\"}";
    return new Target(
        "ollama",
        "it",
        kinds.build(kinds.parse(ProviderJson.MAPPER.readTree(config))),
        TestRelays.ONCE);
  }
}
