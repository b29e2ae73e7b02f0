package dev.agentlab.overview;

import static org.assertj.core.api.Assertions.assertThat;

import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LatencyHistogramTest {
  @Test
  void emptyHistogramHasNoPercentile() {
    assertThat(new LatencyHistogram().percentile(0.5)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 3, 4, 5, 7, 8, 100, 999, 1_024, 60_000, 1_800_000})
  void singleLatencyIsItsOwnPercentile(long millis) {
    LatencyHistogram histogram = new LatencyHistogram();
    histogram.record(millis);

    assertThat(histogram.percentile(0.5).orElseThrow())
        .isCloseTo(millis, Percentage.withPercentage(13));
  }

  @Test
  void longestLatencyIsCountedAsHalfAnHour() {
    LatencyHistogram histogram = new LatencyHistogram();
    histogram.record(Long.MAX_VALUE);

    assertThat(histogram.percentile(0.5).orElseThrow()).isBetween(1_800_000L, 2_100_000L);
  }

  @Test
  void percentilesOfManyLatenciesAreExactToATenth() {
    LatencyHistogram histogram = new LatencyHistogram();
    for (int i = 1; i <= 10_000; i++) {
      histogram.record(i);
    }
    LatencyHistogram sum = new LatencyHistogram();
    sum.add(histogram);

    assertThat(sum.percentile(0.5).orElseThrow()).isCloseTo(5_000, Percentage.withPercentage(5));
    assertThat(sum.percentile(0.95).orElseThrow()).isCloseTo(9_500, Percentage.withPercentage(5));
    histogram.clear();
    assertThat(histogram.percentile(0.95)).isEmpty();
  }
}
