package dev.agentlab.eventloop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.agentlab.testing.Await;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EventLoopTest {
  private final EventLoops loops = new EventLoops();
  private final EventLoop loop = loops.current();
  private final List<String> order = new CopyOnWriteArrayList<>();

  @AfterEach
  void stop() throws TimeoutException {
    loops.stop(Duration.ofSeconds(5));
  }

  @Test
  void executeRunsInlineOnTheEventLoop() {
    onLoop(() -> {
      loop.execute(() -> order.add("inner"));
      order.add("outer");
    });

    assertThat(order).containsExactly("inner", "outer");
  }

  @Test
  void enqueueRunsAfterTheCurrentTask() {
    CountDownLatch ran = new CountDownLatch(1);
    onLoop(() -> {
      loop.enqueue(() -> {
        order.add("inner");
        ran.countDown();
      });
      order.add("outer");
    });
    Await.open(ran);

    assertThat(order).containsExactly("outer", "inner");
  }

  @Test
  void executeFromAnotherThreadRunsOnTheEventLoop() {
    assertThat(loop.isCurrent()).isFalse();
    assertThat(Await.result(CompletableFuture.supplyAsync(loop::isCurrent, loop))).isTrue();
  }

  @Test
  void scheduledTaskRunsOnTheEventLoopAfterItsDelay() {
    Duration delay = Duration.ofMillis(30);
    CompletableFuture<Boolean> ran = new CompletableFuture<>();
    long start = System.nanoTime();
    onLoop(() -> {
      var _ = loop.schedule(delay, () -> ran.complete(loop.isCurrent()));
    });

    assertThat(Await.result(ran)).isTrue();
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(delay);
  }

  @Test
  void taskWithoutDelayIsScheduled() {
    CountDownLatch ran = new CountDownLatch(2);
    onLoop(() -> {
      var _ = loop.schedule(Duration.ZERO, ran::countDown);
      var _ = loop.schedule(Duration.ofSeconds(-1), ran::countDown);
    });

    Await.open(ran);
  }

  @Test
  void cancelledTimerDoesNotRun() {
    CountDownLatch later = new CountDownLatch(1);
    onLoop(() -> {
      EventLoop.Timer timer = loop.schedule(Duration.ofMillis(1), () -> order.add("cancelled"));
      timer.cancel();
      var _ = loop.schedule(Duration.ofMillis(20), later::countDown);
    });
    Await.open(later);

    assertThat(order).isEmpty();
  }

  @Test
  void offloadComputesOnAVirtualThreadAndCompletesOnTheEventLoop() {
    CompletableFuture<Boolean> completedOnLoop = new CompletableFuture<>();
    CompletableFuture<Thread> computed = new CompletableFuture<>();
    onLoop(() -> {
      CompletableFuture<Boolean> result =
          loop.offload(() -> {
            computed.complete(Thread.currentThread());
            return loop.isCurrent();
          });
      assertThat(result).isNotDone();
      var _ = result.thenAccept(_ -> completedOnLoop.complete(loop.isCurrent()));
    });

    assertThat(Await.result(completedOnLoop)).isTrue();
    assertThat(Await.result(computed).isVirtual()).isTrue();
  }

  @Test
  void offloadedComputationHasTheCurrentEventLoop() {
    EventLoop used = Await.result(loop.offload(loops::current));

    assertThat(used).isSameAs(loop);
  }

  @Test
  void failureOfAnOffloadedComputationCompletesOnTheEventLoop() {
    CompletableFuture<Boolean> failedOnLoop = new CompletableFuture<>();
    CompletableFuture<Throwable> failure = new CompletableFuture<>();
    onLoop(() -> {
      CompletableFuture<Void> result =
          loop.offload(() -> {
            throw new IllegalStateException("simulated failure");
          });
      var _ =
          result.whenComplete((_, thrown) -> {
            failedOnLoop.complete(loop.isCurrent());
            failure.complete(thrown);
          });
    });

    assertThat(Await.result(failedOnLoop)).isTrue();
    assertThat(Await.result(failure)).hasMessage("simulated failure");
  }

  @Test
  void otherThreadsAreNoEventLoop() {
    assertThatIllegalStateException().isThrownBy(EventLoops::ofCurrentThread);
    assertThat(
            Await.result(
                CompletableFuture.supplyAsync(
                    () -> EventLoops.ofCurrentThread().isCurrent(), loop)))
        .isTrue();
  }

  private void onLoop(Runnable task) {
    Await.result(CompletableFuture.runAsync(task, loop));
  }
}
