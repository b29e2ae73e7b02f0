package dev.agentlab.database;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.agentlab.errors.UnavailableException;
import dev.agentlab.http.LogCapture;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class OutageRetryTest {
  private static final Duration RETRY_INTERVAL = Duration.ofMillis(1);

  @Test
  void newReasonIsLoggedOnceWithinTheInterval() throws Exception {
    assertThat(logOfOutage(Duration.ofMinutes(1)))
        .containsExactly("database unavailable; retrying: refused", "database available");
  }

  @Test
  void sameReasonIsLoggedAgainAfterTheInterval() throws Exception {
    assertThat(logOfOutage(Duration.ZERO))
        .containsExactly(
            "database unavailable; retrying: refused",
            "database unavailable for 0 s; retrying: refused",
            "database unavailable for 0 s; retrying: refused",
            "database available");
  }

  /// The messages of an outage in which three attempts fail.
  private static List<String> logOfOutage(Duration logInterval) throws InterruptedException {
    AtomicInteger attempts = new AtomicInteger();
    try (LogCapture log = LogCapture.of(OutageRetry.class)) {
      OutageRetry.retryWhileUnavailable(
          () -> {
            if (attempts.incrementAndGet() <= 3) {
              throw new UnavailableException("refused", RETRY_INTERVAL);
            }
            return true;
          },
          RETRY_INTERVAL,
          logInterval);
      return log.lines().stream().map(ILoggingEvent::getFormattedMessage).toList();
    }
  }
}
