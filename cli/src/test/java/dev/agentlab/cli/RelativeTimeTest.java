package dev.agentlab.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RelativeTimeTest {
  private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");

  @ParameterizedTest
  @CsvSource({
    "2026-06-01T11:59:59.500000Z, now",
    "2026-06-01T11:59:57.123456Z, 2 s ago",
    "2026-06-01T11:56:30Z, 3 min ago",
    "2026-06-01T07:00:00Z, 5 h ago",
    "2026-05-20T12:00:00Z, 12 d ago",
    "2026-06-01T12:01:30Z, in 1 min",
    "2026-06-13T12:00:00Z, in 12 d",
    "2026-01-31T12:00:00.123456Z, 2026-01-31",
    "2027-01-01T00:00:00Z, 2027-01-01",
    "never, never",
  })
  void distanceUsesLargestUnit(String time, String text) {
    assertThat(RelativeTime.format(time, NOW)).isEqualTo(text);
  }

  @Test
  void fractionsOfSecondsAreTruncated() {
    assertThat(RelativeTime.truncateToSeconds("2026-01-31T12:00:00.123456Z"))
        .isEqualTo("2026-01-31T12:00:00Z");
    assertThat(RelativeTime.truncateToSeconds("")).isEmpty();
  }
}
