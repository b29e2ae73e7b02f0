package dev.agentlab.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GoDurationTest {

  @ParameterizedTest
  @CsvSource({
    "0, PT0S",
    "-0, PT0S",
    "0s, PT0S",
    "300ms, PT0.3S",
    "30s, PT30S",
    "15m, PT15M",
    "1h30m, PT1H30M",
    "1.5h, PT1H30M",
    ".5s, PT0.5S",
    "1.s, PT1S",
    "+5s, PT5S",
    "-1m30s, PT-1M-30S",
    "1us, PT0.000001S",
    "1µs, PT0.000001S",
    "1μs, PT0.000001S",
    "1ns, PT0.000000001S",
    "1.9ns, PT0.000000001S",
    "2562047h47m16.854775807s, PT2562047H47M16.854775807S"
  })
  void parsesLikeGo(String text, Duration duration) {
    assertThat(GoDuration.parse(text)).isEqualTo(duration);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "-", "+", "30", "s", ".s", "1 s", " 1s", "1s ", "1d", "1S", "1h30", "1,5h", "--1s",
        "1e3s", "٣s", "1h-30m"
      })
  void rejectsWhatGoRejects(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GoDuration.parse(text))
        .withMessageContaining("not a duration");
  }

  @Test
  void rejectsDurationsOver64Bits() {
    assertThatIllegalArgumentException().isThrownBy(() -> GoDuration.parse("2562048h"));
    assertThatIllegalArgumentException().isThrownBy(() -> GoDuration.parse("9".repeat(50) + "h"));
  }

  @Test
  void writesEachUnitOnce() {
    assertThat(GoDuration.format(Duration.ofMinutes(90))).isEqualTo("1h30m");
    assertThat(GoDuration.format(Duration.ofMillis(1500))).isEqualTo("1s500ms");
    assertThat(GoDuration.format(Duration.ofNanos(-1_002))).isEqualTo("-1us2ns");
    assertThat(GoDuration.format(Duration.ZERO)).isEqualTo("0");
  }

  @Property
  void formattedDurationParsesToTheSameValue(@ForAll long nanos) {
    Duration duration = Duration.ofNanos(nanos);
    assertThat(GoDuration.parse(GoDuration.format(duration))).isEqualTo(duration);
  }

  @Property
  void invalidTextOnlyThrowsIllegalArgument(@ForAll String text) {
    try {
      assertThat(GoDuration.parse(text)).isNotNull();
    } catch (IllegalArgumentException e) {
      assertThat(e).hasMessageContaining("a duration");
    }
  }
}
