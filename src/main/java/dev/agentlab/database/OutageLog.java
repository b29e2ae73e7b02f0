package dev.agentlab.database;

import dev.agentlab.errors.UnavailableException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A time in which the database does not answer, for those who have nothing else to do meanwhile.
public final class OutageLog {
  private static final Logger LOG = LoggerFactory.getLogger(OutageLog.class);
  private static final Duration PAUSE = Duration.ofMillis(500);

  private OutageLog() {}

  /// What needs the database.
  @FunctionalInterface
  public interface Work<T> {
    T run() throws InterruptedException;
  }

  /// Runs work, and again and again while the database is away, of which the log tells once for
  /// each reason.
  public static <T> T waitOut(Work<T> work) throws InterruptedException {
    String lastReason = "";
    while (true) {
      try {
        T result = work.run();
        if (!lastReason.isEmpty()) {
          LOG.info("the database answers");
        }
        return result;
      } catch (UnavailableException e) {
        String reason = String.valueOf(e.getMessage());
        if (!reason.equals(lastReason)) {
          LOG.warn("waiting for the database: {}", reason);
          lastReason = reason;
        }
        Thread.sleep(PAUSE);
      }
    }
  }
}
