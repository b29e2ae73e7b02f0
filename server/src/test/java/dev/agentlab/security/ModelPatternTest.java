package dev.agentlab.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelPatternTest {

  @ParameterizedTest
  @CsvSource({
    "gpt-4o, gpt-4o",
    "*, ''",
    "*, any/thing",
    "gpt-*, gpt-",
    "gpt-*, gpt-4o",
    "*-mini, gpt-4o-mini",
    "gpt-*-mini, gpt-4o-mini",
    "gpt*4*mini, gpt-4o-mini",
    "meta-llama/*, meta-llama/Llama-3.1-70B",
    "a**b, ab",
    "*aab*, aaab",
    "*abab*ab, abaababab",
    "größe-*, größe-1",
    "a.c, a.c",
    "?[a-z]\\d, ?[a-z]\\d",
  })
  void matchingNameIsAccepted(String pattern, String name) {
    assertThat(new ModelPattern(pattern).matches(name)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "gpt-4o, gpt-4o-mini",
    "gpt-4o, GPT-4o",
    "gpt-4o, ''",
    "gpt-*, gpt",
    "gpt-*, my-gpt-4",
    "*-mini, gpt-mini-2",
    "ab*ba, aba",
    "a*b*c, acb",
    "*ab*ab*, aab",
    "a.c, abc",
    "gpt-?, gpt-4",
  })
  void otherNameIsNotMatched(String pattern, String name) {
    assertThat(new ModelPattern(pattern).matches(name)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a\u0000", "a\nb", "\uD800", "***********"})
  void invalidPatternIsRejected(String text) {
    assertThat(ModelPattern.findError(text)).isPresent();
    assertThatIllegalArgumentException().isThrownBy(() -> new ModelPattern(text));
  }

  @Test
  void lengthAndWildcardsAreLimited() {
    assertThat(ModelPattern.findError("\uD83D\uDE00".repeat(300))).isEmpty();
    assertThat(ModelPattern.findError("x".repeat(301)))
        .hasValue("must have 1 to 300 characters, had 301");
    assertThat(ModelPattern.findError("*a".repeat(10))).isEmpty();
    assertThat(ModelPattern.findError("*a".repeat(11))).hasValue("must have at most 10 *, had 11");
  }

  @Property(tries = 5_000)
  void patternMatchesAsSimpleReference(
      @ForAll("patterns") String pattern, @ForAll("names") String name) {
    assertThat(new ModelPattern(pattern).matches(name)).isEqualTo(matches(pattern, name));
  }

  private static boolean matches(String pattern, String name) {
    if (pattern.isEmpty()) {
      return name.isEmpty();
    }
    String rest = pattern.substring(1);
    return pattern.charAt(0) == '*'
        ? matches(rest, name) || (!name.isEmpty() && matches(pattern, name.substring(1)))
        : !name.isEmpty()
            && name.charAt(0) == pattern.charAt(0)
            && matches(rest, name.substring(1));
  }

  @ParameterizedTest
  @CsvSource({
    "gpt-*, gpt-4*",
    "gpt-*, gpt-4o",
    "gpt-*, gpt-*",
    "*, gpt-*-mini",
    "*-mini, gpt-*-mini",
    "a*c, a*b*c",
    "a*, a**",
    "a**, a*",
  })
  void widerPatternCoversNarrowerOne(String wider, String narrower) {
    assertThat(new ModelPattern(wider).covers(new ModelPattern(narrower))).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "gpt-4*, gpt-*",
    "gpt-4o, gpt-*",
    "gpt-*, *",
    "a*b*c, a*c",
    "a*a, a",
    "a*, *a",
    "*a*a*, *a*",
  })
  void narrowerPatternDoesNotCoverWiderOne(String narrower, String wider) {
    assertThat(new ModelPattern(narrower).covers(new ModelPattern(wider))).isFalse();
  }

  @Property(tries = 5_000)
  void coveringPatternMatchesWhateverTheOtherMatches(
      @ForAll("patterns") String one,
      @ForAll("patterns") String other,
      @ForAll("names") String name) {
    ModelPattern wider = new ModelPattern(one);
    ModelPattern narrower = new ModelPattern(other);
    if (wider.covers(narrower)) {
      // A name that the narrower pattern matches, and any other.
      assertThat(wider.matches(other.replace("*", name))).isTrue();
      assertThat(wider.matches(name) || !narrower.matches(name)).isTrue();
    }
  }

  @Property
  void patternCoversEveryPatternThatReplacesItsWildcards(
      @ForAll("patterns") String pattern, @ForAll("patterns") String part) {
    String replaced = pattern.replace("*", part);
    if (ModelPattern.findError(replaced).isEmpty()) {
      assertThat(new ModelPattern(pattern).covers(new ModelPattern(replaced))).isTrue();
    }
  }

  @Provide
  Arbitrary<String> patterns() {
    return Arbitraries.strings().withChars('a', 'b', '*').ofMinLength(1).ofMaxLength(9);
  }

  @Provide
  Arbitrary<String> names() {
    return Arbitraries.strings().withChars('a', 'b', '/').ofMaxLength(12);
  }
}
