package dev.agentlab.database;

import dev.agentlab.errors.UnavailableException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Retries work while the database is unavailable, and logs the outage.
public final class OutageLog {
  private static final Logger LOG = LoggerFactory.getLogger(OutageLog.class);
  private static final Duration PAUSE = Duration.ofMillis(500);

  private OutageLog() {}

  /// Work that needs the database.
  @FunctionalInterface
  public interface Work<T> {
    T run() throws InterruptedException;
  }

  /// Runs work and retries it every 500 ms while it throws [UnavailableException]. Logs each new
  /// reason once.
  public static <T> T waitOut(Work<T> work) throws InterruptedException {
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
        Thread.sleep(PAUSE);
      }
    }
  }
}
