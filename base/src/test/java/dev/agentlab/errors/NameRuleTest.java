package dev.agentlab.errors;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NameRuleTest {
  @ParameterizedTest
  @ValueSource(
      ints = {
        0x00ad, 0x034f, 0x061c, 0x180e, 0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0x2028, 0x2029,
        0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2060, 0x2066, 0x2067, 0x2068, 0x2069, 0x3164,
        0xfeff, 0xe0041
      })
  void invisibleCharacterIsRejectedWithItsCodePoint(int character) {
    String name = "a" + Character.toString(character) + "b";
    assertThat(NameRule.findError(name))
        .contains("must not contain U+%04X, which is invisible".formatted(character));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\u0000b", "a\nb", "a\u0085b", "a\ud800b"})
  void controlCharacterOrUnpairedSurrogateIsRejected(String name) {
    assertThat(NameRule.findError(name))
        .contains("must not contain control characters or unpaired surrogates");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"a", "a b", "Ünïcödé 漢字 🦙", "שלום", "مرحبا", "한국어", "❤\ufe0f", "👍🏽", "e\u0301"})
  void nameInAnyScriptIsValid(String name) {
    assertThat(NameRule.findError(name)).isEmpty();
  }
}
