package dev.agentlab.e2e;

import java.time.Duration;
import java.util.concurrent.Callable;

/// Waits for what comes when it comes.
final class Await {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration PAUSE = Duration.ofMillis(20);

  private Await() {}

  /// Returns once the condition holds.
  ///
  /// @return how long that took
  static Duration until(String condition, Callable<Boolean> holds) throws Exception {
    long begin = System.nanoTime();
    while (!holds.call()) {
      if (System.nanoTime() - begin > PATIENCE.toNanos()) {
        throw new AssertionError("waited in vain until " + condition);
      }
      Thread.sleep(PAUSE);
    }
    return Duration.ofNanos(System.nanoTime() - begin);
  }
}
