package dev.agentlab.database;

import dev.agentlab.errors.UnavailableException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Retries work while the database is unavailable, and logs the outage.
public final class OutageRetry {
  private static final Logger LOG = LoggerFactory.getLogger(OutageRetry.class);
  private static final Duration RETRY_INTERVAL = Duration.ofMillis(500);

  private OutageRetry() {}

  /// Work that needs the database.
  @FunctionalInterface
  public interface Work<T> {
    T run() throws InterruptedException;
  }

  /// Runs work and retries it every 500 ms while it throws [UnavailableException]. Logs each new
  /// reason once.
  public static <T> T retryWhileUnavailable(Work<T> work) throws InterruptedException {
    String lastReason = "";
    while (true) {
      try {
        T result = work.run();
        if (!lastReason.isEmpty()) {
          LOG.info("database available");
        }
        return result;
      } catch (UnavailableException e) {
        String reason = String.valueOf(e.getMessage());
        if (!reason.equals(lastReason)) {
          LOG.warn("database unavailable; retrying: {}", reason);
          lastReason = reason;
        }
        Thread.sleep(RETRY_INTERVAL);
      }
    }
  }
}
