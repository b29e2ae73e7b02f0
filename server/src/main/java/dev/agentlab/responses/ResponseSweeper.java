package dev.agentlab.responses;

import dev.agentlab.errors.UnavailableException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Deletes responses that have expired or are too many, every [#INTERVAL], on a thread of its own. Each
/// replica does. Safe for all threads.
final class ResponseSweeper {
  private static final Logger LOG = LoggerFactory.getLogger(ResponseSweeper.class);

  private static final Duration INTERVAL = Duration.ofSeconds(30);

  private final Responses responses;
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final Object lock = new Object();
  private @Nullable Thread thread;

  ResponseSweeper(Responses responses) {
    this.responses = responses;
  }

  void start() {
    synchronized (lock) {
      thread = Thread.ofVirtual().name("response-sweeper").start(this::run);
    }
  }

  /// @param timeout the longest time to wait
  void stop(Duration timeout) throws InterruptedException {
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
      int deleted = responses.sweep();
      if (deleted > 0) {
        LOG.atInfo().addKeyValue("responses", deleted).log("expired responses deleted");
      }
    } catch (UnavailableException _) {
      // The next sweep may succeed.
    } catch (RuntimeException e) {
      // A failure of any kind must not end the thread.
      LOG.error("cannot delete expired responses", e);
    }
  }
}
