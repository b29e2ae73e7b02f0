package dev.agentlab.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelSelectionTest {
  @Test
  void emptySelectionAllowsEveryModel() {
    assertThat(ModelSelection.ALL.allows("gpt-4o")).isTrue();
    assertThat(ModelSelection.ALL.allows("")).isTrue();
    assertThat(ModelSelection.ALL.declaredNames()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "gpt-4o, gpt-4o, true",
    "gpt-4o, gpt-4o-mini, false",
    "gpt-4o, GPT-4o, false",
    "gpt-*, gpt-, true",
    "gpt-*, gpt-4o, true",
    "gpt-*, my-gpt-4o, false",
    "*, '', true",
    "*, a/b:c, true",
    "**, a, true",
    "*-mini, gpt-4o-mini, true",
    "*-mini, gpt-4o-mini-2, false",
    "a*b*c, abc, true",
    "a*b*c, axxbxxbxc, true",
    "a*b*c, axxc, false",
    "a*bc*bc, abcbbc, true",
    "*ab, aab, true",
    "a*a, a, false",
    "m.del, model, false",
    "[a]*, a, false",
    "org/*, org/a/b, true",
  })
  void starMatchesAnyCharacters(String pattern, String model, boolean isAllowed) {
    assertThat(new ModelSelection(List.of("other", pattern)).allows(model)).isEqualTo(isAllowed);
  }

  @Test
  void namesWithoutStarAreDeclaredOnce() {
    ModelSelection selection = new ModelSelection(List.of("b", "a*", "a", "b"));

    assertThat(selection.declaredNames()).containsExactly("b", "a");
    assertThat(selection.declares("a")).isTrue();
    assertThat(selection.declares("a*")).isFalse();
    assertThat(selection.patterns()).containsExactly("b", "a*", "a", "b");
    assertThat(selection).isEqualTo(new ModelSelection(List.of("b", "a*", "a", "b")));
  }

  @Test
  @Timeout(20)
  void hostilePatternsAreMatchedInBoundedTime() {
    String pattern = "*" + "a".repeat(26);
    ModelSelection selection =
        new ModelSelection(Collections.nCopies(500, pattern.repeat(10) + "b"));

    assertThat(selection.allows("a".repeat(300))).isFalse();
    assertThat(selection.allows("a".repeat(1_000_000))).isFalse();
  }
}
