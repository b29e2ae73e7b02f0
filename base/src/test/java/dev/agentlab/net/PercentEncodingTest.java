package dev.agentlab.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PercentEncodingTest {

  @ParameterizedTest
  @ValueSource(strings = {"", "a-b_c.d~", "a b+c", "100%", "/?#&=*", "äöü €", "\uD83D\uDE00"})
  void encodedTextIsDecodedToTheSameText(String text) {
    String encoded = PercentEncoding.encode(text);

    assertThat(encoded).matches("[A-Za-z0-9._~%-]*");
    assertThat(PercentEncoding.decode(encoded)).isEqualTo(text);
    assertThat(PercentEncoding.decodeQuery(encoded)).isEqualTo(text);
  }

  @Test
  void unencodedCharactersAreKept() {
    assertThat(PercentEncoding.decode("ä+%41")).isEqualTo("ä+A");
    assertThat(PercentEncoding.decodeQuery("ä+%2B")).isEqualTo("ä +");
  }

  @ParameterizedTest
  @ValueSource(strings = {"%", "%4", "%4g", "%-1", "%ff", "%C3", "%c0%80", "%٤١"})
  void malformedEscapeIsRejected(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> PercentEncoding.decode(text));
  }
}
