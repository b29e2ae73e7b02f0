package dev.agentlab.modelclient;

import static dev.agentlab.modelclient.ManualClock.START;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.modelclient.CircuitBreaker.Decision;
import dev.agentlab.modelclient.CircuitBreaker.Permit;
import dev.agentlab.modelclient.CircuitBreaker.Rejection;
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

  private final ManualClock clock = new ManualClock();
  private final CircuitBreaker breaker = clock.createBreaker();

  @Test
  void breakerOpensWhenHalfOfLastCallsFailed() {
    for (int i = 0; i < 9; i++) {
      permit().fail("no");
      permit().succeed();
    }
    assertThat(breaker.isOpen()).isFalse();
    permit().fail("no");

    assertThat(breaker.isOpen()).isTrue();
    assertThat(rejection().retryAfter()).isEqualTo(DELAY);
  }

  @Test
  void failuresOutsideTheWindowDoNotCount() {
    for (int i = 0; i < 9; i++) {
      permit().fail("no");
    }
    for (int i = 0; i < 20; i++) {
      permit().succeed();
    }
    permit().fail("no");

    assertThat(breaker.isOpen()).isFalse();
  }

  @Test
  void successfulTrialClosesTheBreaker() {
    openBreaker();
    clock.advance(DELAY);
    assertThat(breaker.isOpen()).isFalse();
    Permit trial = permit();
    assertThat(breaker.isOpen()).isTrue();
    trial.succeed();

    assertThat(breaker.isOpen()).isFalse();
    permit();
    permit();
  }

  @Test
  void failedTrialDoublesTheDelayUpToAMinute() {
    openBreaker();
    for (int seconds : new int[] {5, 10, 20, 40, 60, 60}) {
      assertThat(rejection().retryAfter()).isEqualTo(Duration.ofSeconds(seconds));
      clock.advance(Duration.ofSeconds(seconds));
      permit().fail("no");
    }
  }

  @Test
  void releasedTrialAllowsTheNextCall() {
    openBreaker();
    clock.advance(DELAY);
    permit().release();

    permit();
  }

  @Test
  void releasedOlderPermitsAllowNoCallDuringATrial() {
    List<Permit> older = Stream.generate(this::permit).limit(7).toList();
    openBreaker();
    clock.advance(DELAY);
    permit();

    for (Permit permit : older) {
      permit.release();
      rejection();
    }
  }

  @Test
  void outcomesOfOlderCallsDoNotEndATrial() {
    Permit successful = permit();
    Permit failing = permit();
    openBreaker();
    clock.advance(DELAY);
    Permit trial = permit();
    successful.succeed();
    rejection();
    failing.fail("an older stream broke");
    assertThat(rejection().cause()).isEqualTo("no");

    trial.succeed();
    permit();
  }

  @Test
  void outcomesFromBeforeTheBreakerClosedDoNotCount() {
    List<Permit> older = Stream.generate(this::permit).limit(20).toList();
    openBreaker();
    clock.advance(DELAY);
    permit().succeed();
    older.forEach(permit -> permit.fail("late"));

    assertThat(breaker.isOpen()).isFalse();
  }

  @Test
  void permitReportsOnce() {
    for (int i = 0; i < 9; i++) {
      Permit permit = permit();
      permit.fail("no");
      permit.fail("no");
      permit.succeed();
    }
    assertThat(breaker.isOpen()).isFalse();
    permit().fail("no");
    clock.advance(DELAY);
    Permit trial = permit();
    trial.release();
    trial.succeed();

    permit();
    rejection();
  }

  @Test
  void trialWithoutOutcomeExpiresAfterItsCallLimit() {
    openBreaker();
    clock.advance(DELAY);
    Permit lost = permit();
    clock.advance(LIMIT.minusNanos(1));
    rejection();
    clock.advance(Duration.ofNanos(1));
    Permit second = permit();
    lost.succeed();
    rejection();
    lost.fail("no");

    second.succeed();
    permit();
  }

  @Test
  void trialExpiresAfterAtMostAMinute() {
    openBreaker();
    clock.advance(DELAY);
    assertThat(breaker.requestPermit(Duration.ofHours(1))).isInstanceOf(Permit.class);
    clock.advance(Duration.ofSeconds(59));
    rejection();
    clock.advance(Duration.ofSeconds(1));

    permit();
  }

  @Test
  void rejectionHasLastCauseAndTimes() {
    openBreaker();
    assertThat(rejection()).isEqualTo(new Rejection("no", START, START.plus(DELAY), DELAY));
    clock.advance(DELAY);
    Permit trial = permit();
    assertThat(rejection())
        .isEqualTo(new Rejection("no", START, START.plus(DELAY).plus(LIMIT), Duration.ZERO));
    trial.fail("still no");

    assertThat(rejection())
        .isEqualTo(
            new Rejection(
                "still no", START, START.plus(DELAY.multipliedBy(3)), DELAY.multipliedBy(2)));
  }

  @Test
  void onlyOneOfManyThreadsGetsTheTrial() throws Exception {
    int threads = 16;
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      for (int round = 0; round < 200; round++) {
        List<Permit> older = Stream.generate(this::permit).limit(threads).toList();
        openBreaker();
        clock.advance(DELAY);
        CountDownLatch ready = new CountDownLatch(threads);
        List<Callable<Decision>> calls =
            older.stream()
                .<Callable<Decision>>map(permit ->
                    () -> {
                      ready.countDown();
                      ready.await();
                      permit.release();
                      Decision decision = breaker.requestPermit(LIMIT);
                      permit.succeed();
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
        permits.getFirst().succeed();
      }
    }
  }

  private Permit permit() {
    return (Permit) breaker.requestPermit(LIMIT);
  }

  private Rejection rejection() {
    return (Rejection) breaker.requestPermit(LIMIT);
  }

  private void openBreaker() {
    for (int i = 0; i < 10; i++) {
      permit().fail("no");
    }
  }
}
