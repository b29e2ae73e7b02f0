package dev.agentlab.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FailureScheduleTest {

  @Test
  void rateLimitResetsEveryMinute() {
    FailureSchedule schedule = new FailureSchedule(BigDecimal.ZERO, Optional.of(1));
    Instant start = Instant.EPOCH;

    assertThat(schedule.checkRateLimit(start)).isEmpty();
    assertThat(schedule.checkRateLimit(start.plusSeconds(15))).contains(Duration.ofSeconds(45));
    assertThat(schedule.checkRateLimit(start.plusSeconds(60))).isEmpty();
    assertThat(schedule.checkRateLimit(start.plusSeconds(60))).contains(Duration.ofSeconds(60));
  }
}
