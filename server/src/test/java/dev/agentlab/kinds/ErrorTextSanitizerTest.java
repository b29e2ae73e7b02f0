package dev.agentlab.kinds;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.json.Json;
import java.net.URLEncoder;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ErrorTextSanitizerTest {
  private static final String TOKEN = "Zq7-hunter2-hunter2-Wx9k";
  private static final CallableProvider PROVIDER = provider();

  /// A key with characters that every encoding changes.
  private static final String SPECIAL_KEY = "aQ/7+w\"k&T<9\\m=pX%4/vRz2c";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"error": {"message": "no such model"}} | no such model
          {"error": "model 'x' not found"}        | model 'x' not found
          {"message": "Access denied"}            | Access denied
          [{"error": {"message": "no quota"}}]    | no quota
          {"detail": "model is loading…"}         | model is loading…
          {"detail": {"message": "gone"}}         | gone
          {"detail": [{"loc": ["body", "messages", 0], "msg": "too long"}, {"msg": "no"}, 1]} | body.messages.0: too long; no
          Ollama is running                       | Ollama is running
          """)
  void messageIsFoundInEveryErrorFormat(String body, String message) {
    assertThat(ErrorTextSanitizer.message(body, PROVIDER)).contains(message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "  \u0007 ",
        "<html>x</html>",
        "\n <?xml version='1.0'?>",
        "{\"a\": 1}",
        "{\"detail\": [1, {}]}",
        "[1]"
      })
  void bodyWithoutMessageYieldsNoText(String body) {
    assertThat(ErrorTextSanitizer.message(body, PROVIDER)).isEmpty();
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
  void secretsAndLookalikesAreMasked(String word) {
    assertThat(
            ErrorTextSanitizer.message(
                "Incorrect key provided: %s see docs".formatted(word), PROVIDER))
        .get()
        .asString()
        .contains("***", "see docs")
        .doesNotContain("hunter2", "Wx9k", "abcdefgh", "eyJ", "3f9c");
  }

  /// The key in the encodings that errors of proxies, gateways and web frameworks contain.
  @ParameterizedTest
  @MethodSource("echoes")
  void keyIsMaskedInEveryEncoding(String echo) {
    CallableProvider provider = provider(Json.MAPPER.writeValueAsString(SPECIAL_KEY));
    for (String body :
        List.of(
            "you sent " + echo + " to us",
            Json.MAPPER.writeValueAsString(Map.of("message", "you sent " + echo + " to us")))) {
      String shown = ErrorTextSanitizer.message(body, provider).orElse("");

      for (String form : echoes().toList()) {
        for (int at = 0; at + 8 <= form.length(); at++) {
          assertThat(shown).doesNotContainIgnoringCase(form.substring(at, at + 8));
        }
      }
      assertThat(shown).contains("***");
    }
    assertThat(SecretRedactor.of(provider).foundIn("model-" + SPECIAL_KEY)).isTrue();
    assertThat(SecretRedactor.of(provider).foundIn("model-" + SPECIAL_KEY.substring(14))).isTrue();
    assertThat(SecretRedactor.of(provider).foundIn("llama3.2")).isFalse();
  }

  static Stream<String> echoes() {
    byte[] key = SPECIAL_KEY.getBytes(UTF_8);
    Base64.Encoder base64 = Base64.getEncoder();
    String json = Json.MAPPER.writeValueAsString(SPECIAL_KEY);
    return Stream.of(
        SPECIAL_KEY,
        SPECIAL_KEY.toLowerCase(Locale.ROOT),
        SPECIAL_KEY.substring(SPECIAL_KEY.length() - 8),
        SPECIAL_KEY.substring(SPECIAL_KEY.length() - 12),
        SPECIAL_KEY.substring(0, 9),
        json.substring(1, json.length() - 1),
        json.replace("/", "\\/"),
        URLEncoder.encode(SPECIAL_KEY, UTF_8),
        URLEncoder.encode(SPECIAL_KEY, UTF_8).toLowerCase(Locale.ROOT),
        URLEncoder.encode(URLEncoder.encode(SPECIAL_KEY, UTF_8), UTF_8),
        encodeEachCharacter("%%%02X"),
        encodeEachCharacter("\\u%04x"),
        encodeEachCharacter("\\x%02x"),
        encodeEachCharacter("&#%d;"),
        encodeEachCharacter("&#x%x;"),
        SPECIAL_KEY.replace("&", "&amp;").replace("\"", "&quot;").replace("<", "&lt;"),
        base64.encodeToString(key),
        base64.withoutPadding().encodeToString(key),
        Base64.getUrlEncoder().encodeToString(key),
        base64.encodeToString((":" + SPECIAL_KEY).getBytes(UTF_8)),
        base64.encodeToString(("user:" + SPECIAL_KEY).getBytes(UTF_8)),
        base64.encodeToString(("apikey:" + SPECIAL_KEY).getBytes(UTF_8)),
        base64.encodeToString((SPECIAL_KEY + ":").getBytes(UTF_8)),
        base64.encodeToString(("Bearer " + SPECIAL_KEY).getBytes(UTF_8)),
        HexFormat.of().formatHex(key),
        HexFormat.of().withUpperCase().formatHex(key));
  }

  private static String encodeEachCharacter(String format) {
    return SPECIAL_KEY.chars().mapToObj(format::formatted).collect(Collectors.joining());
  }

  @Test
  void ordinaryWordsAreKept() {
    String text =
        "model claude-3-5-sonnet-20241022 or text-embedding-3-small not found, 3 < 5, request"
            + " 5b9c1d2e-4b5a-6978-c0d1-e2f3a4b5c6d7";

    assertThat(ErrorTextSanitizer.message(text, PROVIDER)).contains(text);
  }

  @Test
  void secretWithMarkupIsMaskedBeforeMarkupRemoval() {
    String secret = "left-part-<x>-right  part-of-it";
    assertThat(
            ErrorTextSanitizer.message("bad key " + secret + " sent", provider('"' + secret + '"')))
        .contains("bad key *** sent");
  }

  @Test
  void shortSecretIsMaskedOnlyAsWholeWord() {
    CallableProvider provider = provider("\"ollama\"");

    assertThat(ErrorTextSanitizer.message("key ollama is wrong, see ollamas.test", provider))
        .contains("key *** is wrong, see ollamas.test");
    assertThat(SecretRedactor.of(provider).foundIn("ollama/llama3.2")).isFalse();
  }

  @Test
  void markupInMessageIsRemoved() {
    assertThat(ErrorTextSanitizer.message("{\"error\": \"<b onclick='x'>no</b> key\"}", PROVIDER))
        .contains("no key");
  }

  /// Backtracking regular expressions took minutes for one of these texts.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "<",
        "<a",
        "</",
        "<a>",
        " ",
        "\n",
        "\u200b",
        "a",
        "1",
        "a1",
        "a1-",
        "*a",
        "=",
        "key=",
        "sk-",
        "%",
        "%25",
        "\\",
        "\\u004",
        "&",
        "&#x41",
        "&amp",
        "ollama",
        "Zq7-hun",
        "Zq7-hunter2-hunter2-Wx9"
      })
  @Timeout(60)
  void hostileTextIsSanitizedInLinearTime(String part) {
    String text = part.repeat((256 << 10) / part.length());

    assertThat(ErrorTextSanitizer.stripUnsafe(text + "!", List.of(TOKEN, "ollama2"))).endsWith("!");
  }

  @Test
  void truncationKeepsSurrogatePairs() {
    String text = ErrorTextSanitizer.message("\ud83d\ude00".repeat(1_000), PROVIDER).orElseThrow();

    assertThat(text.codePoints()).noneMatch(it -> Character.getType(it) == Character.SURROGATE);
    assertThat(Json.MAPPER.writeValueAsBytes(text)).isNotEmpty();
  }

  @Test
  void messageIsBoundedAndOnOneLine() {
    String text =
        ErrorTextSanitizer.message("a b\r\n\tc\u2028".repeat(100_000), PROVIDER).orElseThrow();

    assertThat(text).hasSizeLessThanOrEqualTo(301).doesNotContain("\n", "\r", "\t", "\u2028");
  }

  private static CallableProvider provider() {
    return provider('"' + TOKEN + '"');
  }

  /// @param token as JSON
  private static CallableProvider provider(String token) {
    ProviderKinds kinds = ProviderKinds.standard();
    return kinds.build(
        kinds.parse(
            Json.MAPPER.readTree(
                """
                {"name": "ollama", "base_url": "http://localhost", "options":
                 {"auth_type": "bearer", "token": %s}}\
                """
                    .formatted(token))));
  }
}
