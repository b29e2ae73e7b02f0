package dev.agentlab.dialects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class Utf8JsonWriterTest {
  @Property(tries = 2_000)
  void stringEqualsThatOfJackson(@ForAll @StringLength(max = 3_000) String text) {
    if (UTF_8.newEncoder().canEncode(text)) {
      assertThat(new String(new Utf8JsonWriter().string(text).take(), UTF_8))
          .isEqualTo(ProviderJson.MAPPER.writeValueAsString(text));
    }
  }

  @Test
  void everyCharacterBelowTheSurrogatesEqualsThatOfJackson() {
    StringBuilder text = new StringBuilder();
    for (char c = 0; c < Character.MIN_SURROGATE; c++) {
      text.append(c);
    }
    text.append("👋\uE000\uFFFF");

    assertThat(new Utf8JsonWriter().string(text.toString()).take())
        .isEqualTo(ProviderJson.MAPPER.writeValueAsBytes(text.toString()));
  }

  @Test
  void lineEndsOfUnicodeAreEscapedInTextsAndValues() {
    String text = "é\u0084\u0085\u0086\u2027\u2028\u2029\u202A\n👋";

    String written =
        new String(
            Utf8JsonWriter.escapingLineEnds()
                .string(text)
                .value(ProviderJson.array().add(text))
                .take(),
            UTF_8);

    String escaped = "\"é\u0084\\u0085\u0086\u2027\\u2028\\u2029\u202A\\n👋\"";
    assertThat(written).isEqualTo(escaped + "[" + escaped + "]");
  }

  @Test
  void unpairedSurrogateIsRejected() {
    for (String text : List.of("\uD83D", "a\uDC4B", "\uD83Da", "\uDC4B\uD83D")) {
      assertThatExceptionOfType(ProviderErrorException.class)
          .isThrownBy(() -> new Utf8JsonWriter().string(text));
    }
  }

  @Test
  void takenBytesAreNotWrittenAgain() {
    Utf8JsonWriter writer = new Utf8JsonWriter();
    writer.ascii("{").string("a".repeat(100_000)).ascii(":").number(-12).ascii("}");

    assertThat(writer.take()).hasSize(100_008);
    assertThat(writer.take()).isEmpty();
    assertThat(new String(writer.string("é").take(), UTF_8)).isEqualTo("\"é\"");
  }
}
