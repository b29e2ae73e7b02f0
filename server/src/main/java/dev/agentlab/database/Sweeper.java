package dev.agentlab.database;

import dev.agentlab.errors.UnavailableException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Deletes rows that have expired, every [#INTERVAL], on a thread of its own. Each replica does.
/// Safe for all threads.
public final class Sweeper {
  private static final Logger LOG = LoggerFactory.getLogger(Sweeper.class);

  private static final Duration INTERVAL = Duration.ofSeconds(30);

  private final String what;
  private final IntSupplier sweep;
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final Object lock = new Object();
  private @Nullable Thread thread;

  /// @param what the rows in the log, such as `responses`
  /// @param sweep deletes rows and returns their number
  public Sweeper(String what, IntSupplier sweep) {
    this.what = what;
    this.sweep = sweep;
  }

  /// Starts deleting in the background.
  public void start() {
    synchronized (lock) {
      thread = Thread.ofVirtual().name(what + "-sweeper").start(this::run);
    }
  }

  /// Stops after the deletion in progress.
  ///
  /// @param timeout the longest time to wait
  public void stop(Duration timeout) throws InterruptedException {
    Thread running;
    synchronized (lock) {
      running = thread;
    }
    if (running != null) {
      // An interrupt would break the connection in use.
      stopping.countDown();
      running.join(timeout);
    }
  }

  private void run() {
    try {
      while (!stopping.await(INTERVAL.toMillis(), TimeUnit.MILLISECONDS)) {
        sweep();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void sweep() {
    try {
      int deleted = sweep.getAsInt();
      if (deleted > 0) {
        LOG.atInfo().addKeyValue("count", deleted).log("expired {} deleted", what);
      }
    } catch (UnavailableException _) {
      // The next sweep may succeed.
    } catch (RuntimeException e) {
      // A failure of any kind must not end the thread.
      LOG.error("cannot delete expired {}", what, e);
    }
  }
}
