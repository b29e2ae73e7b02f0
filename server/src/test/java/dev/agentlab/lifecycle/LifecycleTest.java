package dev.agentlab.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/// Startup and readiness.
class LifecycleTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  private final Lifecycle lifecycle = new Lifecycle();
  private final List<String> events = new CopyOnWriteArrayList<>();

  @Test
  void startupTasksRunConcurrentlyOnVirtualThreads() throws Exception {
    CyclicBarrier both = new CyclicBarrier(2);
    lifecycle.onStartup("a", both::await);
    lifecycle.onStartup("b", both::await);
    lifecycle.onStartup("c", () -> events.add("virtual " + Thread.currentThread().isVirtual()));

    lifecycle.start();

    assertThat(lifecycle.awaitStartup()).isTrue();
    assertThat(events).containsExactly("virtual true");
  }

  @Test
  void startDoesNotWaitForTasks() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    lifecycle.onStartup("slow", release::await);

    lifecycle.start();
    assertThat(lifecycle.isReady()).isFalse();

    release.countDown();
    assertThat(lifecycle.awaitStartup()).isTrue();
    assertThat(lifecycle.isReady()).isTrue();
  }

  @Test
  void lifecycleWithoutTasksIsReadyAfterStart() throws Exception {
    assertThat(lifecycle.isReady()).isFalse();
    lifecycle.start();
    assertThat(lifecycle.awaitStartup()).isTrue();
    assertThat(lifecycle.isReady()).isTrue();
  }

  @Test
  void failedTaskFailsStartupAndReadiness() {
    IOException refused = new IOException("refused");
    lifecycle.onStartup("cache", () -> {});
    lifecycle.onStartup(
        "database",
        () -> {
          throw refused;
        });

    lifecycle.start();

    assertThatExceptionOfType(LifecycleException.class)
        .isThrownBy(lifecycle::awaitStartup)
        .withMessage("database did not start: refused")
        .withCause(refused);
    assertThat(lifecycle.isReady()).isFalse();
  }

  @Test
  void firstFailureInterruptsOtherTasksAndSuppressesTheirs() {
    CountDownLatch waiting = new CountDownLatch(1);
    lifecycle.onStartup(
        "database",
        () -> {
          waiting.countDown();
          new CountDownLatch(1).await();
        });
    lifecycle.onStartup(
        "listener",
        () -> {
          waiting.await();
          throw new IOException("port in use");
        });

    lifecycle.start();

    assertThatExceptionOfType(LifecycleException.class)
        .isThrownBy(lifecycle::awaitStartup)
        .withMessage("listener did not start: port in use")
        .satisfies(e ->
            assertThat(e.getSuppressed())
                .singleElement()
                .extracting(Throwable::getMessage)
                .isEqualTo("database did not start: InterruptedException"));
  }

  @Test
  void secondStartIsRejected() {
    lifecycle.start();
    assertThatIllegalStateException().isThrownBy(lifecycle::start);
    assertThatIllegalStateException().isThrownBy(() -> lifecycle.onStartup("late", () -> {}));
  }

  @Test
  void startAfterShutdownDoesNothing() throws Exception {
    lifecycle.onStartup("a", () -> events.add("start"));
    lifecycle.shutdown(LONG);
    lifecycle.start();
    assertThat(lifecycle.awaitStartup()).isFalse();
    assertThat(events).isEmpty();
  }

  @Test
  void readinessReflectsTheCurrentChecks() throws Exception {
    AtomicBoolean up = new AtomicBoolean();
    lifecycle.addReadinessCheck(
        "database", () -> up.get() ? Optional.empty() : Optional.of("the database is unavailable"));
    lifecycle.addReadinessCheck("other", Optional::empty);
    assertThat(lifecycle.unreadyReason()).contains("the service is starting");
    lifecycle.start();
    lifecycle.awaitStartup();

    assertThat(lifecycle.unreadyReason()).contains("the database is unavailable");
    up.set(true);
    assertThat(lifecycle.unreadyReason()).isEmpty();
    up.set(false);
    assertThat(lifecycle.isReady()).isFalse();
  }

  @Test
  void throwingCheckEndsReadiness() throws Exception {
    lifecycle.addReadinessCheck(
        "broken",
        () -> {
          throw new IllegalStateException();
        });
    lifecycle.start();
    lifecycle.awaitStartup();
    assertThat(lifecycle.unreadyReason()).contains("the broken check failed");
  }

  @Test
  void readinessEndsWhenShutdownBegins() throws Exception {
    lifecycle.onShutdown("a", _ -> events.add("ready " + lifecycle.isReady()));
    lifecycle.start();
    lifecycle.awaitStartup();
    assertThat(lifecycle.isReady()).isTrue();

    lifecycle.shutdown(LONG);

    assertThat(events).containsExactly("ready false");
    assertThat(lifecycle.unreadyReason()).contains("the service is stopping");
  }

  @Test
  void dependentTaskStartsAfterItsDependency() throws Exception {
    // The first task is done only after many tasks that would otherwise run after the second.
    CountDownLatch others = new CountDownLatch(100);
    lifecycle.onStartup(
        "first",
        () -> {
          others.await();
          events.add("first");
        });
    lifecycle.onStartup("second", "first", () -> events.add("second"));
    for (long i = others.getCount(); i > 0; i--) {
      lifecycle.onStartup("other " + i, others::countDown);
    }
    lifecycle.start();
    assertThat(lifecycle.awaitStartup()).isTrue();
    assertThat(events).containsExactly("first", "second");
  }

  @Test
  void dependentOfAFailedTaskNeverStarts() {
    lifecycle.onStartup(
        "first",
        () -> {
          throw new IllegalStateException("is broken");
        });
    lifecycle.onStartup("second", "first", () -> events.add("second"));
    lifecycle.start();
    assertThatExceptionOfType(LifecycleException.class)
        .isThrownBy(lifecycle::awaitStartup)
        .withMessage("first did not start: is broken");
    assertThat(events).isEmpty();
  }

  @Test
  void unknownDependencyIsRejected() {
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> new Lifecycle().onStartup("second", "first", () -> {}))
        .withMessage("startup task second depends on first, which is not registered");
  }
}
