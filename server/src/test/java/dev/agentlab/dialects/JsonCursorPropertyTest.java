package dev.agentlab.dialects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JacksonException;

/// The cursor accepts the same texts as the parser.
class JsonCursorPropertyTest {

  @Property(tries = 5_000)
  void acceptsWhatTheParserAccepts(@ForAll("texts") String text) {
    assertThat(isAccepted(text)).as("%s", text).isEqualTo(isParsed(text));
  }

  private static boolean isAccepted(String text) {
    JsonCursor cursor = new JsonCursor(text.getBytes(UTF_8), 0);
    try {
      cursor.skip();
      cursor.end();
      return true;
    } catch (JsonCursor.InvalidJsonException e) {
      return false;
    }
  }

  private static boolean isParsed(String text) {
    try {
      return !ProviderJson.MAPPER.readTree(text).isMissingNode();
    } catch (JacksonException e) {
      return false;
    }
  }

  /// Texts of JSON with a piece that is exchanged, so that many are nearly valid.
  @Provide
  Arbitrary<String> texts() {
    Arbitrary<String> pieces =
        Arbitraries.of(
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"",
            "\\",
            "\"a\"",
            "\"\\u00e9\"",
            "\"\\ud83d\\ude00\"",
            "\"\\x\"",
            "\"\\u12\"",
            "\"é\n\"",
            "0",
            "-",
            "-0",
            "01",
            "1.5",
            "1.",
            ".5",
            "1e5",
            "1E+",
            "1e-2",
            "true",
            "tru",
            "false",
            "null",
            "nul",
            " ",
            "\n",
            "\t",
            "\u0000",
            "é",
            "{\"a\":1}",
            "[1,2]",
            "{}",
            "[]",
            "NaN",
            "+1");
    Arbitrary<String> mixed = pieces.list().ofMaxSize(7).map(it -> String.join("", it));
    Arbitrary<String> changed =
        Combinators.combine(
                Arbitraries.of(
                    "{\"a\": [1, -2.5e3, {\"b\": null}], \"c\": \"x\\n\"}",
                    " [ true , false , \"\" , { } , [ ] ] "),
                Arbitraries.integers().between(0, 40),
                Arbitraries.integers().between(0, 3),
                pieces)
            .as((json, at, removed, piece) -> {
              int from = Math.min(at, json.length());
              int to = Math.min(from + removed, json.length());
              return json.substring(0, from) + piece + json.substring(to);
            });
    return Arbitraries.oneOf(mixed, changed);
  }

  @Test
  void stringsAreDecoded() {
    byte[] text = "{\"mod\\u0065l\" : \"é \\ud83d\\ude00\\n\"}".getBytes(UTF_8);
    JsonCursor cursor = new JsonCursor(text, 0);
    cursor.beginObject();

    assertThat(cursor.nextMember()).isTrue();
    assertThat(cursor.name()).isEqualTo("model");
    assertThat(cursor.string()).isEqualTo("é 😀\n");
    assertThat(cursor.nextMember()).isFalse();
  }

  @Test
  void depthIsLimited() {
    assertThat(isAccepted("[".repeat(401) + "]".repeat(401))).isTrue();
    assertThat(isAccepted("[".repeat(402) + "]".repeat(402))).isFalse();
    assertThat(isAccepted("[".repeat(100_000))).isFalse();
  }
}
