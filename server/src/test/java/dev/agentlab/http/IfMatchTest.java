package dev.agentlab.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentlab.errors.InvalidInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IfMatchTest {

  @Test
  void listAcceptsOnlyItsStrongTags() {
    IfMatch match = IfMatch.HEADER.read("\"1\" , W/\"2\",\"3\"");
    assertThat(match.accepts(1)).isTrue();
    assertThat(match.accepts(2)).isFalse();
    assertThat(match.accepts(3)).isTrue();
  }

  @Test
  void starAcceptsEveryVersion() {
    assertThat(IfMatch.HEADER.read(" * ").accepts(42)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1", "\"1", "\"1\" \"2\"", "\"1\",x", ",", "*, \"1\""})
  void malformedTagListIsRejected(String text) {
    assertThatThrownBy(() -> IfMatch.HEADER.read(text))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith("If-Match: must be an ETag");
  }
}
