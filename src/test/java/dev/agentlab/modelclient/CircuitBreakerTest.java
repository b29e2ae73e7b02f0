package dev.agentlab.modelclient;

import static dev.agentlab.modelclient.BreakerTime.START;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.modelclient.CircuitBreaker.Decision;
import dev.agentlab.modelclient.CircuitBreaker.Permit;
import dev.agentlab.modelclient.CircuitBreaker.Refusal;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CircuitBreakerTest {
  private static final Duration DELAY = Duration.ofSeconds(5);
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final BreakerTime time = new BreakerTime();
  private final CircuitBreaker breaker = time.breaker();

  @Test
  void opensWhenHalfOfTheLastCallsFailed() {
    for (int i = 0; i < 9; i++) {
      permit().failed("no");
      permit().succeeded();
    }
    assertThat(breaker.isOpen()).isFalse();
    permit().failed("no");

    assertThat(breaker.isOpen()).isTrue();
    assertThat(refusal().retryAfter()).isEqualTo(DELAY);
  }

  @Test
  void failuresOutsideTheWindowDoNotCount() {
    for (int i = 0; i < 9; i++) {
      permit().failed("no");
    }
    for (int i = 0; i < 20; i++) {
      permit().succeeded();
    }
    permit().failed("no");

    assertThat(breaker.isOpen()).isFalse();
  }

  @Test
  void successfulTrialCloses() {
    open();
    time.pass(DELAY);
    assertThat(breaker.isOpen()).isFalse();
    Permit trial = permit();
    assertThat(breaker.isOpen()).isTrue();
    trial.succeeded();

    assertThat(breaker.isOpen()).isFalse();
    permit();
    permit();
  }

  @Test
  void failedTrialDoublesTheDelayUpToAMinute() {
    open();
    for (int seconds : new int[] {5, 10, 20, 40, 60, 60}) {
      assertThat(refusal().retryAfter()).isEqualTo(Duration.ofSeconds(seconds));
      time.pass(Duration.ofSeconds(seconds));
      permit().failed("no");
    }
  }

  @Test
  void releasedTrialGivesWayToTheNextCall() {
    open();
    time.pass(DELAY);
    permit().released();

    permit();
  }

  @Test
  void releasesOfOlderCallsAllowNoCallDuringATrial() {
    List<Permit> older = Stream.generate(this::permit).limit(7).toList();
    open();
    time.pass(DELAY);
    permit();

    for (Permit permit : older) {
      permit.released();
      refusal();
    }
  }

  @Test
  void outcomesOfOlderCallsDoNotEndATrial() {
    Permit successful = permit();
    Permit failing = permit();
    open();
    time.pass(DELAY);
    Permit trial = permit();
    successful.succeeded();
    refusal();
    failing.failed("an older stream broke");
    assertThat(refusal().cause()).isEqualTo("no");

    trial.succeeded();
    permit();
  }

  @Test
  void outcomesFromBeforeTheBreakerClosedDoNotCount() {
    List<Permit> older = Stream.generate(this::permit).limit(20).toList();
    open();
    time.pass(DELAY);
    permit().succeeded();
    older.forEach(permit -> permit.failed("late"));

    assertThat(breaker.isOpen()).isFalse();
  }

  @Test
  void permitReportsOnce() {
    for (int i = 0; i < 9; i++) {
      Permit permit = permit();
      permit.failed("no");
      permit.failed("no");
      permit.succeeded();
    }
    assertThat(breaker.isOpen()).isFalse();
    permit().failed("no");
    time.pass(DELAY);
    Permit trial = permit();
    trial.released();
    trial.succeeded();

    permit();
    refusal();
  }

  @Test
  void trialWithoutOutcomeEndsAfterTheLimitOfItsCall() {
    open();
    time.pass(DELAY);
    Permit lost = permit();
    time.pass(LIMIT.minusNanos(1));
    refusal();
    time.pass(Duration.ofNanos(1));
    Permit second = permit();
    lost.succeeded();
    refusal();
    lost.failed("no");

    second.succeeded();
    permit();
  }

  @Test
  void trialEndsAfterAMinuteAtMost() {
    open();
    time.pass(DELAY);
    assertThat(breaker.request(Duration.ofHours(1))).isInstanceOf(Permit.class);
    time.pass(Duration.ofSeconds(59));
    refusal();
    time.pass(Duration.ofSeconds(1));

    permit();
  }

  @Test
  void refusalTellsLastCauseAndTimes() {
    open();
    assertThat(refusal()).isEqualTo(new Refusal("no", START, START.plus(DELAY), DELAY));
    time.pass(DELAY);
    Permit trial = permit();
    assertThat(refusal())
        .isEqualTo(new Refusal("no", START, START.plus(DELAY).plus(LIMIT), Duration.ZERO));
    trial.failed("still no");

    assertThat(refusal())
        .isEqualTo(
            new Refusal(
                "still no", START, START.plus(DELAY.multipliedBy(3)), DELAY.multipliedBy(2)));
  }

  @Test
  void oneOfManyThreadsGetsTheTrial() throws Exception {
    int threads = 16;
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      for (int round = 0; round < 200; round++) {
        List<Permit> older = Stream.generate(this::permit).limit(threads).toList();
        open();
        time.pass(DELAY);
        CountDownLatch ready = new CountDownLatch(threads);
        List<Callable<Decision>> calls =
            older.stream()
                .<Callable<Decision>>map(permit ->
                    () -> {
                      ready.countDown();
                      ready.await();
                      permit.released();
                      Decision decision = breaker.request(LIMIT);
                      permit.succeeded();
                      return decision;
                    })
                .toList();
        List<Permit> permits =
            pool.invokeAll(calls).stream()
                .map(Future::resultNow)
                .filter(Permit.class::isInstance)
                .map(Permit.class::cast)
                .toList();

        assertThat(permits).hasSize(1);
        permits.getFirst().succeeded();
      }
    }
  }

  private Permit permit() {
    return (Permit) breaker.request(LIMIT);
  }

  private Refusal refusal() {
    return (Refusal) breaker.request(LIMIT);
  }

  private void open() {
    for (int i = 0; i < 10; i++) {
      permit().failed("no");
    }
  }
}
