package dev.agentlab.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TokenCountTest {

  @Test
  void totalInputIsTheSumOfAllInputClasses() {
    TokenUsage usage =
        new TokenUsage.Builder()
            .count(TokenClass.INPUT, 1)
            .count(TokenClass.CACHED_INPUT, 20)
            .count(TokenClass.CACHE_WRITE_5_MINUTES, 300)
            .count(TokenClass.CACHE_WRITE_1_HOUR, 4_000)
            .count(TokenClass.OUTPUT, 50_000)
            .count(TokenClass.REASONING, 10_000)
            .build();

    assertThat(usage.totalInput()).isEqualTo(4_321);
    assertThat(usage.cacheWrites()).isEqualTo(4_300);
    assertThat(usage.output()).isEqualTo(50_000);
  }

  @Test
  void impossibleCountIsZero() {
    TokenUsage usage =
        new TokenUsage.Builder()
            .count(TokenClass.INPUT, -1)
            .count(TokenClass.OUTPUT, Long.MAX_VALUE)
            .build();

    assertThat(usage.input()).isZero();
    assertThat(usage.output()).isZero();
  }

  @Test
  void usageWithoutCountsIsNone() {
    assertThat(new TokenUsage.Builder().build()).isEqualTo(TokenUsage.NONE);
    assertThat(new TokenUsage(0, 0)).isNotEqualTo(TokenUsage.NONE);
  }
}
