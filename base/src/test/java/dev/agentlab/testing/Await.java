package dev.agentlab.testing;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;

/// Polls a condition, with a timeout that only a defect exceeds.
public final class Await {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final Duration INTERVAL = Duration.ofMillis(10);

  private Await() {}

  /// Waits until a condition is true.
  ///
  /// @return the time waited
  public static Duration until(String condition, Callable<Boolean> holds) {
    long begin = System.nanoTime();
    boolean _ = until(condition, holds, it -> it);
    return Duration.ofNanos(System.nanoTime() - begin);
  }

  /// Waits until a value satisfies a condition; the error contains the last value.
  ///
  /// @return the value that satisfied the condition
  public static <T> T until(String condition, Callable<T> look, Predicate<? super T> holds) {
    long begin = System.nanoTime();
    try {
      T seen = look.call();
      while (!holds.test(seen)) {
        if (System.nanoTime() - begin > TIMEOUT.toNanos()) {
          throw new AssertionError(
              "timed out waiting until %s; last value: %s".formatted(condition, seen));
        }
        Thread.sleep(INTERVAL);
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

  /// Waits until a function returns a value.
  public static <T> void value(T expected, Callable<T> look) {
    T _ = until("it is " + expected, look, it -> Objects.equals(it, expected));
  }

  /// Waits until a latch is open.
  public static void open(CountDownLatch latch) {
    try {
      if (!latch.await(TIMEOUT.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new AssertionError("timed out waiting for " + latch);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while waiting for " + latch, e);
    }
  }

  /// Waits for the result of a future. Throws the exception with which the future failed.
  public static <T> T result(CompletableFuture<T> future) {
    try {
      return future.get(TIMEOUT.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case RuntimeException failure -> throw failure;
        case Error failure -> throw failure;
        case null, default -> throw new AssertionError("the future failed", e);
      }
    } catch (TimeoutException e) {
      throw new AssertionError("timed out waiting for " + future, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while waiting for " + future, e);
    }
  }
}
