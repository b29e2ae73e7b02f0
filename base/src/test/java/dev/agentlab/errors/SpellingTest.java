package dev.agentlab.errors;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SpellingTest {
  private static final List<String> KINDS = List.of("openai", "ollama", "azure");

  @Test
  void hintEndsWithTheLikelyName() {
    assertThat(Spelling.hint("opnai", "known kinds", KINDS))
        .isEqualTo("known kinds are openai, ollama, azure; did you mean openai?");
  }

  @Test
  void hintWithoutLikelyNameListsAllNames() {
    assertThat(Spelling.hint("gemini", "known kinds", KINDS))
        .isEqualTo("known kinds are openai, ollama, azure");
    assertThat(Spelling.hint("", "known kinds", KINDS))
        .isEqualTo("known kinds are openai, ollama, azure");
  }
}
