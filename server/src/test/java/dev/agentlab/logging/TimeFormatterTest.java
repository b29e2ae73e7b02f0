package dev.agentlab.logging;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class TimeFormatterTest {
  private static final TimeFormatter ROME = new TimeFormatter(ZoneId.of("Europe/Rome"));

  private static String inRome(String time) {
    return ROME.format(Instant.parse(time).toEpochMilli());
  }

  @Test
  void offsetFollowsDaylightSavingTime() {
    assertThat(inRome("2026-01-31T13:05:09.007Z")).isEqualTo("2026-01-31T14:05:09.007+01:00");
    assertThat(inRome("2026-07-31T13:05:09.070Z")).isEqualTo("2026-07-31T15:05:09.070+02:00");
  }

  @Test
  void utcOffsetIsZ() {
    assertThat(new TimeFormatter(ZoneOffset.UTC).format(-1)).isEqualTo("1969-12-31T23:59:59.999Z");
  }
}
