package dev.agentlab.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentlab.llm.ProviderKinds;
import dev.agentlab.upstream.Cancellation;
import dev.agentlab.wire.WireJson;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class AttemptsTest {
  private final CircuitBreaker breaker = new CircuitBreaker();
  private final Attempts attempts =
      new Attempts(target(), new Health.Of(breaker, new RetryBudget()), new Cancellation());

  @Test
  void anErrorInTheOneCallThatIsLetThroughDoesNotSuspendTheProviderForEver() {
    // Long ago, so that the rest is over.
    long longAgo = System.nanoTime() - Duration.ofHours(1).toNanos();
    for (int i = 0; i < 10; i++) {
      breaker.failed(longAgo);
    }

    assertThatThrownBy(() ->
            attempts.run(_ -> {
              throw new StackOverflowError();
            }))
        .isInstanceOf(StackOverflowError.class);
    assertThat(attempts.<String>run(_ -> "well")).isEqualTo("well");
  }

  private static Target target() {
    ProviderKinds kinds = ProviderKinds.standard();
    String config = "{\"name\": \"ollama\", \"base_url\": \"http://127.0.0.1:1\"}";
    return new Target(
        "it", kinds.build(kinds.parse(WireJson.MAPPER.readTree(config))), TestRelays.ONCE);
  }
}
