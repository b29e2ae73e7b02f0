package dev.agentlab.relay;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class CircuitBreakerTest {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private final CircuitBreaker breaker = new CircuitBreaker();

  @Test
  void opensWhenHalfOfTheLastCallsFailed() {
    for (int i = 0; i < 9; i++) {
      breaker.failed(0);
      breaker.succeeded();
    }
    assertThat(breaker.refusal(0)).isEmpty();
    breaker.failed(0);

    assertThat(breaker.refusal(0)).contains(Duration.ofSeconds(5));
  }

  @Test
  void failuresOfLongAgoDoNotCount() {
    for (int i = 0; i < 9; i++) {
      breaker.failed(0);
    }
    for (int i = 0; i < 20; i++) {
      breaker.succeeded();
    }
    breaker.failed(0);

    assertThat(breaker.refusal(0)).isEmpty();
  }

  @Test
  void letsOneCallThroughAfterARest() {
    open();

    assertThat(breaker.refusal(5 * SECOND)).isEmpty();
    assertThat(breaker.refusal(5 * SECOND)).isPresent();
    breaker.succeeded();
    assertThat(breaker.refusal(5 * SECOND)).isEmpty();
    assertThat(breaker.refusal(5 * SECOND)).isEmpty();
  }

  @Test
  void restsLongerEachTimeUpToAMinute() {
    open();
    long now = 0;
    for (long rest : new long[] {5, 10, 20, 40, 60, 60}) {
      assertThat(breaker.refusal(now)).contains(Duration.ofSeconds(rest));
      now += rest * SECOND;
      assertThat(breaker.refusal(now)).isEmpty();
      breaker.failed(now);
    }
  }

  @Test
  void aCallThatTellsNothingLeavesTheChanceToTheNext() {
    open();
    assertThat(breaker.refusal(5 * SECOND)).isEmpty();
    breaker.undecided();

    assertThat(breaker.refusal(5 * SECOND)).isEmpty();
  }

  @Test
  void aCallFromBeforeDoesNotCloseIt() {
    open();
    breaker.succeeded();

    assertThat(breaker.refusal(0)).isPresent();
  }

  private void open() {
    for (int i = 0; i < 10; i++) {
      breaker.failed(0);
    }
  }
}
