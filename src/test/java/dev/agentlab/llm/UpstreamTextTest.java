package dev.agentlab.llm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.json.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UpstreamTextTest {
  private static final String TOKEN = "Zq7-hunter2-hunter2-Wx9k";
  private static final LlmProvider PROVIDER = provider();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"error": {"message": "no such model"}} | no such model
          {"error": "model 'x' not found"}        | model 'x' not found
          {"message": "Access denied"}            | Access denied
          Ollama is running                       | Ollama is running
          """)
  void findsTheMessageWhereProvidersPutIt(String body, String message) {
    assertThat(UpstreamText.message(body, PROVIDER)).contains(message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "  \u0007 ",
        "<html>x</html>",
        "\n <?xml version='1.0'?>",
        "{\"a\": 1}",
        "[1]"
      })
  void hasNothingToSayWithoutAMessage(String body) {
    assertThat(UpstreamText.message(body, PROVIDER)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        TOKEN,
        "Bearer " + TOKEN,
        "x=" + TOKEN + ";",
        "Zq7-hun\u0000ter2-hunter2-Wx9k",
        "Zq7-hun\u200bter2-hunter2-Wx9k",
        "zq7-HUNTER2-hunter2-wx9k",
        "Zq7-hunter2******",
        "Zq7-********Wx9k",
        "********Wx9k",
        "sk-proj-abcdefgh",
        "AIzaSyAbcdefgh123",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc",
        "3f9c1d2e4b5a6978c0d1e2f3a4b5c6d7",
        "x-abcdefgh12345678abcdefgh-y",
      })
  void masksWhatIsOrResemblesASecret(String word) {
    assertThat(
            UpstreamText.message("Incorrect key provided: %s see docs".formatted(word), PROVIDER))
        .get()
        .asString()
        .contains("***", "see docs")
        .doesNotContain("hunter2", "Wx9k", "abcdefgh", "eyJ", "3f9c");
  }

  @Test
  void leavesOrdinaryWordsAlone() {
    String text =
        "model claude-3-5-sonnet-20241022 or text-embedding-3-small not found, 3 < 5, request"
            + " 5b9c1d2e-4b5a-6978-c0d1-e2f3a4b5c6d7";

    assertThat(UpstreamText.message(text, PROVIDER)).contains(text);
  }

  @Test
  void aSecretThatLooksLikeMarkupIsMaskedBeforeMarkupIsDropped() {
    String secret = "left-part-<x>-right  part-of-it";
    assertThat(UpstreamText.message("bad key " + secret + " sent", provider(secret)))
        .contains("bad key *** sent");
  }

  @Test
  void aShortSecretIsMaskedOnlyAsAWordOfItsOwn() {
    LlmProvider provider = provider("ollama");

    assertThat(UpstreamText.message("key ollama is wrong, see ollamas.test", provider))
        .contains("key *** is wrong, see ollamas.test");
    assertThat(UpstreamText.holdsSecret("ollama/llama3.2", provider)).isFalse();
  }

  @Test
  void markupWithinAMessageIsDropped() {
    assertThat(UpstreamText.message("{\"error\": \"<b onclick='x'>no</b> key\"}", PROVIDER))
        .contains("no key");
  }

  @Test
  void isNeverCutWithinACharacter() {
    String text = UpstreamText.message("\ud83d\ude00".repeat(1_000), PROVIDER).orElseThrow();

    assertThat(text.codePoints()).noneMatch(it -> Character.getType(it) == Character.SURROGATE);
    assertThat(Json.MAPPER.writeValueAsBytes(text)).isNotEmpty();
  }

  @Test
  void isBoundedAndOnOneLine() {
    String text = UpstreamText.message("a b\r\n\tc\u2028".repeat(100_000), PROVIDER).orElseThrow();

    assertThat(text).hasSizeLessThanOrEqualTo(301).doesNotContain("\n", "\r", "\t", "\u2028");
  }

  private static LlmProvider provider() {
    return provider(TOKEN);
  }

  private static LlmProvider provider(String token) {
    ProviderKinds kinds = ProviderKinds.standard();
    return kinds.build(
        kinds.parse(
            Json.MAPPER.readTree(
                """
                {"name": "ollama", "base_url": "http://localhost", "options":
                 {"auth_type": "bearer", "token": "%s"}}\
                """
                    .formatted(token))));
  }
}
