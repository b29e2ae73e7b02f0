package dev.agentlab.database;

import dev.agentlab.errors.UnavailableException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Retries work while the database is unavailable, and logs the outage.
public final class OutageRetry {
  private static final Logger LOG = LoggerFactory.getLogger(OutageRetry.class);
  private static final Duration RETRY_INTERVAL = Duration.ofMillis(500);
  private static final Duration LOG_INTERVAL = Duration.ofSeconds(15);

  private OutageRetry() {}

  /// Work that needs the database.
  @FunctionalInterface
  public interface Work<T> {
    T run() throws InterruptedException;
  }

  /// Runs work and retries it every 500 ms while it throws [UnavailableException]. Logs each new
  /// reason at once, and the same one again every 15 seconds.
  public static <T> T retryWhileUnavailable(Work<T> work) throws InterruptedException {
    return retryWhileUnavailable(work, RETRY_INTERVAL, LOG_INTERVAL);
  }

  /// @param retryInterval the pause before each repetition
  /// @param logInterval after which the same reason is logged again
  static <T> T retryWhileUnavailable(Work<T> work, Duration retryInterval, Duration logInterval)
      throws InterruptedException {
    String lastReason = "";
    long start = System.nanoTime();
    long lastLog = start;
    while (true) {
      try {
        T result = work.run();
        if (!lastReason.isEmpty()) {
          LOG.info("database available");
        }
        return result;
      } catch (UnavailableException e) {
        String reason = String.valueOf(e.getMessage());
        long now = System.nanoTime();
        if (!reason.equals(lastReason)) {
          LOG.warn("database unavailable; retrying: {}", reason);
          lastReason = reason;
          lastLog = now;
        } else if (now - lastLog >= logInterval.toNanos()) {
          LOG.warn(
              "database unavailable for {} s; retrying: {}",
              Duration.ofNanos(now - start).toSeconds(),
              reason);
          lastLog = now;
        }
        Thread.sleep(retryInterval);
      }
    }
  }
}
