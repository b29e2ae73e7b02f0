package dev.agentlab.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// Shutdown, also of components that fail or block.
class LifecycleShutdownTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  private final Lifecycle lifecycle = new Lifecycle();
  private final List<String> events = new CopyOnWriteArrayList<>();

  @Test
  void stopTasksRunInReverseOrder() throws Exception {
    lifecycle.onShutdown("pool", _ -> events.add("pool"));
    lifecycle.onShutdown("listener", _ -> events.add("listener"));
    lifecycle.onStartup("late", () -> lifecycle.onShutdown("late", _ -> events.add("late")));
    lifecycle.start();
    lifecycle.awaitStartup();

    lifecycle.shutdown(LONG);

    assertThat(events).containsExactly("late", "listener", "pool");
  }

  @Test
  void failedStopTaskDoesNotPreventTheNext() {
    lifecycle.onShutdown("pool", _ -> events.add("pool"));
    lifecycle.onShutdown(
        "upstream",
        _ -> {
          throw new IOException("second");
        });
    lifecycle.onShutdown(
        "listener",
        _ -> {
          throw new AssertionError("first");
        });

    LifecycleException e =
        catchThrowableOfType(LifecycleException.class, () -> lifecycle.shutdown(LONG));

    assertThat(e).hasMessage("listener did not stop: first");
    assertThat(e.getSuppressed())
        .extracting(Throwable::getMessage)
        .containsExactly("upstream did not stop: second");
    assertThat(events).containsExactly("pool");
  }

  @Test
  void overrunningTaskIsInterruptedAndLeavesTimeForTheNext() throws Exception {
    CountDownLatch interrupted = new CountDownLatch(1);
    CompletableFuture<Duration> left = new CompletableFuture<>();
    lifecycle.onShutdown("pool", left::complete);
    lifecycle.onShutdown(
        "listener",
        _ -> {
          try {
            new CountDownLatch(1).await();
          } finally {
            interrupted.countDown();
          }
        });

    assertThatExceptionOfType(LifecycleException.class)
        .isThrownBy(() -> lifecycle.shutdown(Duration.ofMillis(300)))
        .withMessageMatching("listener did not stop within \\d+ ms");

    assertThat(interrupted.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(left.get(10, TimeUnit.SECONDS)).isPositive();
  }

  @Test
  void eachTaskReceivesTheRemainingTime() throws Exception {
    List<Duration> received = new CopyOnWriteArrayList<>();
    lifecycle.onShutdown("second", received::add);
    lifecycle.onShutdown("first", received::add);

    lifecycle.shutdown(LONG);

    // Half a second is reserved for each following task, and half of that to finish in.
    assertThat(received.getFirst()).isLessThanOrEqualTo(LONG.minusMillis(750)).isPositive();
    assertThat(received.getLast()).isLessThanOrEqualTo(LONG.minusMillis(250)).isPositive();
  }

  @Test
  void taskThatUsesItsRemainingTimeCanStillFinish() throws Exception {
    lifecycle.onShutdown(
        "listener",
        remaining -> {
          boolean drained = new CountDownLatch(1).await(remaining.toNanos(), TimeUnit.NANOSECONDS);
          events.add("drained " + drained);
        });

    lifecycle.shutdown(Duration.ofSeconds(2));

    assertThat(events).containsExactly("drained false");
  }

  @Test
  void taskThatIgnoresInterruptionIsAbandoned() {
    CountDownLatch release = new CountDownLatch(1);
    lifecycle.onShutdown("stubborn", _ -> awaitDespiteInterruption(release));
    try {
      assertThatExceptionOfType(LifecycleException.class)
          .isThrownBy(() -> lifecycle.shutdown(Duration.ofMillis(50)));
    } finally {
      release.countDown();
    }
  }

  @Test
  void shutdownAwaitsInterruptedStartupTasksBeforeStopping() throws Exception {
    CountDownLatch waiting = new CountDownLatch(1);
    lifecycle.onShutdown("pool", _ -> events.add("pool"));
    lifecycle.onStartup(
        "database",
        () -> {
          waiting.countDown();
          try {
            new CountDownLatch(1).await();
          } finally {
            events.add("start ended");
          }
        });
    lifecycle.start();
    waiting.await();

    lifecycle.shutdown(LONG);

    assertThat(events).containsExactly("start ended", "pool");
  }

  @Test
  void uninterruptibleStartupTaskDoesNotPreventStopTasks() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch poolStopped = new CountDownLatch(1);
    lifecycle.onShutdown("pool", _ -> poolStopped.countDown());
    lifecycle.onStartup("stubborn", () -> awaitDespiteInterruption(release));
    lifecycle.start();
    try {
      assertThatExceptionOfType(LifecycleException.class)
          .isThrownBy(() -> lifecycle.shutdown(Duration.ofMillis(200)))
          .withMessage("start stubborn did not end when interrupted");
      assertThat(poolStopped.await(10, TimeUnit.SECONDS)).isTrue();
    } finally {
      release.countDown();
    }
  }

  @Test
  void awaitStartupEndsWhenShutdownBegins() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    lifecycle.onStartup("slow", () -> awaitDespiteInterruption(release));
    lifecycle.start();
    CompletableFuture<Boolean> waited = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            waited.complete(lifecycle.awaitStartup());
          } catch (Exception e) {
            waited.completeExceptionally(e);
          }
        });
    try {
      assertThatExceptionOfType(LifecycleException.class)
          .isThrownBy(() -> lifecycle.shutdown(Duration.ofMillis(50)));
      assertThat(waited.get(10, TimeUnit.SECONDS)).isFalse();
    } finally {
      release.countDown();
    }
  }

  @Test
  void stopTaskIsRejectedAfterShutdownHasBegun() throws Exception {
    lifecycle.shutdown(LONG);
    assertThatIllegalStateException().isThrownBy(() -> lifecycle.onShutdown("late", _ -> {}));
  }

  @Test
  void secondShutdownAwaitsTheFirstAndStopsNothing() throws Exception {
    CountDownLatch stopping = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    lifecycle.onShutdown(
        "a",
        _ -> {
          events.add("stop");
          stopping.countDown();
          release.await();
        });
    Thread first = Thread.ofVirtual().start(this::shutdownQuietly);
    stopping.await();

    assertThatExceptionOfType(LifecycleException.class)
        .isThrownBy(() -> lifecycle.shutdown(Duration.ofMillis(1)))
        .withMessage("timed out waiting for the shutdown in progress");
    release.countDown();
    lifecycle.shutdown(LONG);
    first.join();
    lifecycle.shutdown(Duration.ZERO);

    assertThat(events).containsExactly("stop");
  }

  @Test
  void secondShutdownReportsTheFirstFailure() {
    lifecycle.onShutdown(
        "a",
        _ -> {
          throw new IOException("stuck");
        });
    for (int call = 0; call < 2; call++) {
      assertThatExceptionOfType(LifecycleException.class)
          .isThrownBy(() -> lifecycle.shutdown(LONG))
          .withMessage("a did not stop: stuck");
    }
  }

  @Test
  void shutdownContinuesWhenItsCallerIsInterrupted() throws Exception {
    CountDownLatch stopping = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    lifecycle.onShutdown("pool", _ -> events.add("pool"));
    lifecycle.onShutdown(
        "listener",
        _ -> {
          stopping.countDown();
          release.await();
        });
    Thread caller = Thread.ofVirtual().start(this::shutdownQuietly);
    stopping.await();

    caller.interrupt();
    caller.join();
    assertThat(events).containsExactly("interrupted");
    release.countDown();
    lifecycle.shutdown(LONG);

    assertThat(events).containsExactly("interrupted", "pool");
  }

  @Test
  void stopTaskRunsWithoutAStart() throws Exception {
    lifecycle.onShutdown("a", _ -> events.add("stop"));
    lifecycle.shutdown(LONG);
    assertThat(events).containsExactly("stop");
  }

  private void shutdownQuietly() {
    try {
      lifecycle.shutdown(LONG);
    } catch (InterruptedException _) {
      events.add("interrupted");
    }
  }

  private static void awaitDespiteInterruption(CountDownLatch latch) {
    while (true) {
      try {
        latch.await();
        return;
      } catch (InterruptedException _) {
        // Ignored on purpose.
      }
    }
  }
}
