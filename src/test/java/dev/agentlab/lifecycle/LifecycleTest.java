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
  void startupTasksRunAtTheSameTimeOnVirtualThreads() throws Exception {
    CyclicBarrier both = new CyclicBarrier(2);
    lifecycle.onStartup("a", both::await);
    lifecycle.onStartup("b", both::await);
    lifecycle.onStartup("c", () -> events.add("virtual " + Thread.currentThread().isVirtual()));

    lifecycle.start();

    assertThat(lifecycle.waitForStartup()).isTrue();
    assertThat(events).containsExactly("virtual true");
  }

  @Test
  void startDoesNotWait() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    lifecycle.onStartup("slow", release::await);

    lifecycle.start();
    assertThat(lifecycle.ready()).isFalse();

    release.countDown();
    assertThat(lifecycle.waitForStartup()).isTrue();
    assertThat(lifecycle.ready()).isTrue();
  }

  @Test
  void nothingToStartIsStartedAtOnce() throws Exception {
    assertThat(lifecycle.ready()).isFalse();
    lifecycle.start();
    assertThat(lifecycle.waitForStartup()).isTrue();
    assertThat(lifecycle.ready()).isTrue();
  }

  @Test
  void aFailedTaskFailsTheStartAndIsNeverReady() {
    IOException refused = new IOException("refused");
    lifecycle.onStartup("cache", () -> {});
    lifecycle.onStartup(
        "database",
        () -> {
          throw refused;
        });

    lifecycle.start();

    assertThatExceptionOfType(LifecycleException.class)
        .isThrownBy(lifecycle::waitForStartup)
        .withMessage("database did not start: refused")
        .withCause(refused);
    assertThat(lifecycle.ready()).isFalse();
  }

  @Test
  void theFirstFailureInterruptsTheOtherTasksAndCarriesTheirs() {
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
        .isThrownBy(lifecycle::waitForStartup)
        .withMessage("listener did not start: port in use")
        .satisfies(e ->
            assertThat(e.getSuppressed())
                .singleElement()
                .extracting(Throwable::getMessage)
                .isEqualTo("database did not start: InterruptedException"));
  }

  @Test
  void itStartsOnce() {
    lifecycle.start();
    assertThatIllegalStateException().isThrownBy(lifecycle::start);
    assertThatIllegalStateException().isThrownBy(() -> lifecycle.onStartup("late", () -> {}));
  }

  @Test
  void aStartAfterShutdownDoesNothing() throws Exception {
    lifecycle.onStartup("a", () -> events.add("start"));
    lifecycle.shutdown(LONG);
    lifecycle.start();
    assertThat(lifecycle.waitForStartup()).isFalse();
    assertThat(events).isEmpty();
  }

  @Test
  void readinessFollowsTheChecksAsTheyAreNow() throws Exception {
    AtomicBoolean up = new AtomicBoolean();
    lifecycle.readyUnless(
        "database", () -> up.get() ? Optional.empty() : Optional.of("the database is unavailable"));
    lifecycle.readyUnless("other", Optional::empty);
    assertThat(lifecycle.unreadyReason()).contains("the service is starting");
    lifecycle.start();
    lifecycle.waitForStartup();

    assertThat(lifecycle.unreadyReason()).contains("the database is unavailable");
    up.set(true);
    assertThat(lifecycle.unreadyReason()).isEmpty();
    up.set(false);
    assertThat(lifecycle.ready()).isFalse();
  }

  @Test
  void aCheckThatThrowsDoesNotHold() throws Exception {
    lifecycle.readyUnless(
        "broken",
        () -> {
          throw new IllegalStateException();
        });
    lifecycle.start();
    lifecycle.waitForStartup();
    assertThat(lifecycle.unreadyReason()).contains("the broken check failed");
  }

  @Test
  void itIsNotReadyOnceShutdownHasBegun() throws Exception {
    lifecycle.onShutdown("a", _ -> events.add("ready " + lifecycle.ready()));
    lifecycle.start();
    lifecycle.waitForStartup();
    assertThat(lifecycle.ready()).isTrue();

    lifecycle.shutdown(LONG);

    assertThat(events).containsExactly("ready false");
    assertThat(lifecycle.unreadyReason()).contains("the service is stopping");
  }

  @Test
  void whatNeedsAnotherStartsAfterIt() throws Exception {
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
    assertThat(lifecycle.waitForStartup()).isTrue();
    assertThat(events).containsExactly("first", "second");
  }

  @Test
  void whatNeedsAnotherThatFailsNeverStarts() {
    lifecycle.onStartup(
        "first",
        () -> {
          throw new IllegalStateException("is broken");
        });
    lifecycle.onStartup("second", "first", () -> events.add("second"));
    lifecycle.start();
    assertThatExceptionOfType(LifecycleException.class)
        .isThrownBy(lifecycle::waitForStartup)
        .withMessage("first did not start: is broken");
    assertThat(events).isEmpty();
  }

  @Test
  void whatNeedsWhatIsNotThereIsRefused() {
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> new Lifecycle().onStartup("second", "first", () -> {}))
        .withMessage("startup task second depends on first, which is not registered");
  }
}
