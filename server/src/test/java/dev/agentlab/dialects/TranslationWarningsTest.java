package dev.agentlab.dialects;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TranslationWarningsTest {
  @Test
  void warningForManyMessagesIsReportedOnce() {
    TranslationWarnings warnings = new TranslationWarnings();
    for (int i = 1; i < 100; i += 2) {
      warnings.add("messages[%d].reasoning_content".formatted(i), "is ignored: no such member");
    }
    warnings.add("messages[3].name", "is ignored: no such member");
    warnings.add("seed", "is ignored: no such setting");

    assertThat(warnings.messages())
        .containsExactly(
            "messages[1].reasoning_content is ignored: no such member (also at 49 more places)",
            "messages[3].name is ignored: no such member",
            "seed is ignored: no such setting");
  }
}
