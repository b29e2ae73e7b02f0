package dev.agentlab.testing;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/// Waits for what comes when it comes, with so much patience that only a fault exhausts it.
public final class Await {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration PAUSE = Duration.ofMillis(10);

  private Await() {}

  /// Returns once a condition holds.
  ///
  /// @return how long that took
  public static Duration until(String condition, Callable<Boolean> holds) {
    long begin = System.nanoTime();
    boolean _ = until(condition, holds, it -> it);
    return Duration.ofNanos(System.nanoTime() - begin);
  }

  /// Returns once something is as it is to be, and otherwise fails with what it was last.
  ///
  /// @return what was seen
  public static <T> T until(String condition, Callable<T> look, Predicate<? super T> holds) {
    long begin = System.nanoTime();
    try {
      T seen = look.call();
      while (!holds.test(seen)) {
        if (System.nanoTime() - begin > PATIENCE.toNanos()) {
          throw new AssertionError(
              "waited in vain until %s; last seen: %s".formatted(condition, seen));
        }
        Thread.sleep(PAUSE);
        seen = look.call();
      }
      return seen;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while waiting until " + condition, e);
    } catch (Exception e) {
      throw new AssertionError("no waiting until " + condition, e);
    }
  }

  /// Returns once something has a value.
  public static <T> void value(T expected, Callable<T> look) {
    T _ = until("it is " + expected, look, it -> Objects.equals(it, expected));
  }

  /// Returns once a latch is open.
  public static void open(CountDownLatch latch) {
    try {
      if (!latch.await(PATIENCE.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new AssertionError("waited in vain for " + latch);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while waiting for " + latch, e);
    }
  }
}
