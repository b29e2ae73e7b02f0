package dev.agentlab.modelclient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.agentlab.conversation.TokenClass;
import dev.agentlab.conversation.TokenUsage;
import java.util.Random;
import org.junit.jupiter.api.Test;

class UsageRatesTest {
  private final UsageRates rates = new UsageRates();

  /// A provider whose requests have 300 bytes beside the prompt, whose tokens have 5 bytes and are
  /// sent in events of 180 to 220 bytes, before an end of 600 bytes.
  private void learn(int calls, long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < calls; i++) {
      long input = 20L + random.nextInt(2_000);
      long output = 5L + random.nextInt(500);
      long content = 600;
      for (int token = 0; token < output; token++) {
        content += 180L + random.nextInt(41);
      }
      rates.learn(300 + input * 5, content, new TokenUsage(input, output));
    }
  }

  @Test
  void estimateOfAnAbortedCallIsWithinATenth() {
    learn(30, 1);

    TokenUsage estimate = rates.estimate(300 + 1_000 * 5, 200 * 200, TokenUsage.NONE);

    assertThat(estimate.input()).isCloseTo(1_000, within(20L));
    assertThat(estimate.output()).isCloseTo(200, within(10L));
  }

  @Test
  void callsOfOneSizeGiveAProportion() {
    for (int i = 0; i < 20; i++) {
      rates.learn(1_000, 20_000, new TokenUsage(200, 100));
    }

    TokenUsage estimate = rates.estimate(1_000, 10_000, TokenUsage.NONE);

    assertThat(estimate.input()).isEqualTo(200);
    assertThat(estimate.output()).isEqualTo(50);
  }

  @Test
  void targetThatHasNotReportedHasDefaults() {
    TokenUsage estimate = rates.estimate(4_500, 2_000, TokenUsage.NONE);

    assertThat(estimate.input()).isEqualTo(1_000);
    assertThat(estimate.output()).isEqualTo(10);
  }

  @Test
  void reportedCountsAreKept() {
    learn(30, 2);
    TokenUsage reported =
        new TokenUsage.Builder()
            .count(TokenClass.INPUT, 7)
            .count(TokenClass.CACHED_INPUT, 900)
            .count(TokenClass.OUTPUT, 1)
            .build();

    TokenUsage estimate = rates.estimate(99_999, 100 * 200, reported);

    assertThat(estimate.input()).isEqualTo(7);
    assertThat(estimate.count(TokenClass.CACHED_INPUT)).isEqualTo(900);
    assertThat(estimate.output()).isCloseTo(100, within(5L));
  }

  @Test
  void estimateIsNeverNegative() {
    rates.learn(1_000, 100, new TokenUsage(1, 90));
    rates.learn(10, 10_000, new TokenUsage(90, 1));

    TokenUsage estimate = rates.estimate(1_000_000, 1_000_000, TokenUsage.NONE);

    assertThat(estimate.input()).isNotNegative();
    assertThat(estimate.output()).isNotNegative();
  }

  @Test
  void latestCallsCountMost() {
    learn(100, 3);
    for (int i = 0; i < 600; i++) {
      rates.learn(2_000 + i, 1_000 + i, new TokenUsage(1_000 + i / 2, 10 + i / 100));
    }

    assertThat(rates.estimate(2_000, 0, TokenUsage.NONE).input()).isCloseTo(1_000, within(20L));
  }
}
