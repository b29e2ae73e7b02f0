package dev.agentlab.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.re2j.Pattern;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class ModelSelectionPropertyTest {
  /// The same patterns as regular expressions decide.
  @Property(tries = 20_000)
  void matchingEqualsThatOfARegularExpression(
      @ForAll("patterns") List<String> patterns, @ForAll("names") String name) {
    ModelSelection selection = new ModelSelection(patterns);

    boolean isMatched = patterns.stream().anyMatch(it -> regularExpression(it).matches(name));
    assertThat(selection.allows(name)).isEqualTo(patterns.isEmpty() || isMatched);
    assertThat(selection.declaredNames()).allMatch(selection::allows).doesNotHaveDuplicates();
  }

  private static Pattern regularExpression(String pattern) {
    return Pattern.compile(
        Arrays.stream(pattern.split("[*]", -1))
            .map(Pattern::quote)
            .collect(Collectors.joining(".*")),
        Pattern.DOTALL);
  }

  @Provide
  Arbitrary<List<String>> patterns() {
    return Arbitraries.strings()
        .withChars('a', 'b', '*', '.', 'é')
        .ofMinLength(1)
        .ofMaxLength(8)
        .list()
        .ofMaxSize(3);
  }

  @Provide
  Arbitrary<String> names() {
    return Arbitraries.strings().withChars('a', 'b', '.', 'é').ofMaxLength(12);
  }
}
