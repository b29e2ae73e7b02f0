package dev.agentlab.kinds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.json.Json;
import dev.agentlab.vault.TestConfigCipher;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class ProviderConfigTest {
  private static final ProviderKinds KINDS = ProviderKinds.standard();
  private static final String TOKEN = "hunter2-hunter2-abcd";

  @Test
  void noRepresentationShowsASecret() {
    ProviderConfig config =
        stored(
            """
            {"name": "ollama", "base_url": "http://localhost", "options": {"token": "TOKEN",
             "client_secret": "TOKEN", "apiKey": "TOKEN", "headers": {"Authorization": "TOKEN",
             "list": [{"password": "TOKEN"}]}, "credentials": {"a": {"b": ["TOKEN"]}},
             "max_tokens": 5, "region": "eu"}}\
            """);

    assertThat(Json.MAPPER.writeValueAsString(config))
        .isEqualTo(config.toString())
        .isEqualTo(Json.MAPPER.writeValueAsString(config.toMaskedJson()))
        .doesNotContain("hunter2")
        .contains("\"token\":{\"set\":true,\"hint\":\"…abcd\"}", "\"max_tokens\":5", "\"eu\"");
    assertThat(Json.MAPPER.writeValueAsString(config.stored()).split(TOKEN, -1)).hasSize(7);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "openai-compatible | \"tokn\": \"TOKEN\"",
        "openai-compatible | \"tokens\": \"TOKEN\"",
        "openai-compatible | \"secrt\": \"TOKEN\"",
        "openai-compatible | \"pasword\": \"TOKEN\"",
        "openai-compatible | \"api_kye\": \"TOKEN\"",
        "openai-compatible | \"api-kye\": \"TOKEN\"",
        "openai-compatible | \"apiKye\": \"TOKEN\"",
        "openai-compatible | \"Autorization\": \"TOKEN\"",
        "openai | \"api_ky\": \"TOKEN\"",
        "bedrock | \"session_tokn\": \"TOKEN\"",
        "simulated | \"pasword\": \"TOKEN\"",
        "azure | \"tunnel\": {\"user\": \"u\", \"pasword\": [\"TOKEN\"]}",
      })
  void misspeltSecretIsEncryptedAndMasked(String kind, String option) {
    ProviderConfig config =
        stored(
            "{\"name\": \"%1$s\", \"base_url\": \"http://h\", \"options\": {%2$s}, \"model\": {%2$s}}"
                .formatted(kind, option));
    TestConfigCipher cipher = new TestConfigCipher();

    assertThat(config.hasPlaintextSecrets()).isTrue();
    assertThat(config.toString()).doesNotContain("hunter2").contains("\"set\":true");
    assertThat(cipher.encrypt(config, List.of(), Instant.EPOCH).stored().toString())
        .doesNotContain("hunter2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "note",
        "mode",
        "max_tokens",
        "top_k",
        "author",
        "client",
        "private",
        "path",
        "zone"
      })
  void otherNameIsNoMisspeltSecret(String option) {
    ProviderConfig config =
        stored(
            "{\"name\": \"openai-compatible\", \"options\": {\"%s\": \"TOKEN\"}}"
                .formatted(option));

    assertThat(config.hasPlaintextSecrets()).isFalse();
    assertThat(config.toString()).contains(TOKEN);
  }

  @Test
  void misspeltSecretIsKeptAndClearedLikeOthers() {
    ProviderConfig before =
        ollama("http://localhost", "\"tokn\": \"TOKEN\", \"tunnel\": {\"pasword\": \"TOKEN\"}");

    assertThat(replace(before, ollamaJson("http://localhost", "")).config()).isEqualTo(before);
    assertThat(
            replace(
                    before,
                    ollamaJson(
                        "http://localhost", "\"tokn\": null, \"tunnel\": {\"pasword\": null}"))
                .config()
                .stored()
                .path("options"))
        .isEqualTo(json("{\"tunnel\": {}}"));
  }

  @Test
  void everyStringOfUnknownKindIsMasked() {
    ProviderConfig config =
        stored(
            "{\"name\": \"new\", \"base_url\": \"http://x\", \"options\": {\"region\":"
                + " \"TOKEN\"}}");

    assertThat(config.toString()).doesNotContain("hunter2");
  }

  @ParameterizedTest
  @CsvSource({
    "http://user:hunter2@host/v1, http://***@host/v1",
    "http://host/v1?key=hunter2, http://host/v1?***",
    "http://host/v1#hunter2, http://host/v1?***",
    "user:hunter2@host, ***@host",
    "http://a@hunter2/b@host, http://***@host",
    "http://host/v1/@scope, http://host/v1/@scope",
  })
  void secretInStoredBaseUrlIsMasked(String url, String shown) {
    ProviderConfig config = stored("{\"name\": \"ollama\", \"base_url\": \"%s\"}".formatted(url));

    assertThat(config.toMaskedJson().path("base_url").stringValue()).isEqualTo(shown);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "5",
        "[]",
        "{}",
        "{\"name\": 5, \"base_url\": [], \"options\": \"x\"}",
        "{\"name\": \"ollama\", \"base_url\": null, \"options\": null, \"client\": {\"a\": 1}}",
        "{\"name\": \"azure\", \"options\": {\"token\": {\"a\": [1.50, 1e400]}, \"x\": null}}",
        "{\"name\": \"ollama\", \"base_url\": \"http://x\", \"options\": {\"token\": 12345}}",
      })
  void anyStoredJsonIsPreservedAndCanBeShown(String json) {
    ProviderConfig config = stored(json);

    assertThat(config.stored()).isEqualTo(Json.MAPPER.readTree(json));
    assertThat(config.toMaskedJson().path("name").isString()).isTrue();
    assertThat(config.toMaskedJson().path("options").isObject()).isTrue();
    assertThat(config.toString()).doesNotContain("12345");
    if (!json.contains("http://x")) {
      assertThatExceptionOfType(InvalidInputException.class).isThrownBy(() -> KINDS.build(config));
    }
  }

  @Test
  void undeclaredOptionsAreStoredUnchanged() {
    String json =
        """
        {"name":"ollama","base_url":"http://localhost","options":{"a":1.50,"b":[null,{"c":"d"}],\
        "e":123456789012345678901234567890,"f":true,"g":null}}\
        """;

    assertThat(Json.MAPPER.writeValueAsString(KINDS.parse(Json.MAPPER.readTree(json)).stored()))
        .isEqualTo(json);
  }

  @Test
  void omittedSecretsAreKeptButOtherOptionsAreNot() {
    ProviderConfig before =
        stored(
            """
            {"name": "ollama", "base_url": "http://localhost", "legacy": 1, "options":
             {"auth_type": "bearer", "token": "TOKEN", "x": 1, "headers": {"Authorization": "TOKEN",
             "Accept": "a"}}}\
            """);

    ParsedReplacement after =
        replace(
            before,
            """
            {"name": "ollama", "base_url": "http://localhost/v1",
             "options": {"auth_type": "bearer", "headers": {"B": "b"}}}\
            """);

    assertThat(after.config().stored())
        .isEqualTo(
            json(
                """
                {"name": "ollama", "base_url": "http://localhost/v1", "legacy": 1, "options":
                 {"auth_type": "bearer", "headers": {"B": "b", "Authorization": "TOKEN"},
                  "token": "TOKEN"}}\
                """));
    assertThat(after.movedSecrets()).isEmpty();
    assertThat(
            replace(before, ollamaJson("http://localhost", "\"auth_type\": \"bearer\""))
                .config()
                .stored()
                .at("/options/headers/Authorization")
                .stringValue())
        .isEqualTo(TOKEN);
  }

  @Test
  void secretIsClearedByNullAndReplacedByText() {
    ProviderConfig before =
        ollama("http://localhost", "\"auth_type\": \"bearer\", \"token\": \"TOKEN\"");

    assertThat(
            replace(before, ollamaJson("http://localhost", "\"token\": null"))
                .config()
                .stored()
                .at("/options"))
        .isEmpty();
    assertThat(
            replace(
                    before,
                    ollamaJson("http://localhost", "\"auth_type\": \"bearer\", \"token\": \"new\""))
                .config()
                .stored()
                .at("/options/token")
                .stringValue())
        .isEqualTo("new");
  }

  @Test
  void secretIsNotKeptForAnotherKind() {
    ProviderConfig before =
        ollama("http://localhost", "\"auth_type\": \"bearer\", \"token\": \"TOKEN\"");

    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() ->
            replace(
                before,
                """
                {"name": "azure", "base_url": "http://localhost", "options": {"deployment": "d",
                 "auth_type": "bearer", "api_version": "v"}}\
                """))
        .withMessage(
            "config.options.token: is required for Azure provider: an API key of the resource, or an"
                + " Entra access token; a stored secret is kept only if the kind stays \"ollama\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"token\": {\"set\": false}",
        "\"other_key\": {\"set\": true, \"hint\": \"…abcd\", \"updated_at\": \"now\"}",
        "\"a\": [{\"b\": {\"set\": true}}]",
      })
  void unknownMaskedSecretIsRejected(String option) {
    ProviderConfig before = ollama("http://localhost", "\"token\": \"TOKEN\"");

    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> replace(before, ollamaJson("http://localhost", option)))
        .withMessageContaining("no such secret is stored here; send the secret itself");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"token\": {}", "\"token\": 5"})
  void invalidSecretErrorExplainsKeepingStoredSecret(String option) {
    ProviderConfig before = ollama("http://localhost", "\"token\": \"TOKEN\"");

    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> replace(before, ollamaJson("http://localhost", option)))
        .withMessageContaining(
            "omit it or send it back as responses show it to keep the stored secret, or send null"
                + " to clear it");
  }

  @Test
  void maskedConfigurationSentBackChangesNothing() {
    for (ProviderConfig before :
        List.of(
            ollama(
                "http://localhost",
                "\"auth_type\": \"bearer\", \"token\": \"TOKEN\", \"a\": {\"key\": \"k\", \"b\": 1},"
                    + " \"keys\": [\"k\", {\"x\": \"y\"}, 1.50]"),
            ollama("http://localhost", "\"auth_type\": \"bearer\", \"token\": {\"env\": \"A\"}"),
            stored("{\"name\": \"openai\", \"options\": {\"api_key\": \"TOKEN\"}}"),
            stored(
                "{\"name\": \"simulated\", \"options\": {}, \"model\": {\"a\": [{\"key\": \"k\"}]}}"))) {
      assertThat(replace(before, before.toString()).config()).isEqualTo(before);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          http://localhost        | "auth_type": "bearer"                          | false
          http://localhost:80/v1  | "auth_type": "bearer"                          | false
          http://LOCALHOST/a/b    | "auth_type": "bearer"                          | false
          https://localhost       | "auth_type": "bearer"                          | true
          http://localhost:81     | "auth_type": "bearer"                          | true
          http://evil.example     | "auth_type": "bearer"                          | true
          http://localhost        | "auth_type": "api_key"                         | true
          http://localhost        | "auth_type": "api_key", "auth_header": "X-Log" | true
          http://evil.example     | "auth_type": "bearer", "token": "another"      | false
          http://evil.example     | "auth_type": "bearer", "token": null           | false
          """)
  void keptSecretWithNewDestinationIsReported(String url, String options, boolean moved) {
    ProviderConfig before =
        ollama("http://localhost", "\"auth_type\": \"bearer\", \"token\": \"TOKEN\"");

    assertThat(replace(before, ollamaJson(url, options)).movedSecrets())
        .isEqualTo(moved ? List.of("config.options.token") : List.of());
  }

  @Test
  void secretOfInvalidConfigurationHasUnknownDestination() {
    ProviderConfig before =
        ollama("http://u:p@localhost", "\"auth_type\": \"bearer\", \"token\": \"TOKEN\"");

    assertThat(
            replace(before, ollamaJson("http://localhost", "\"auth_type\": \"bearer\""))
                .movedSecrets())
        .containsExactly("config.options.token");
  }

  private static ParsedReplacement replace(ProviderConfig before, String after) {
    return KINDS.replace(before, json(after));
  }

  private static ProviderConfig ollama(String url, String options) {
    return stored(ollamaJson(url, options));
  }

  private static String ollamaJson(String url, String options) {
    return "{\"name\": \"ollama\", \"base_url\": \"%s\", \"options\": {%s}}"
        .formatted(url, options);
  }

  private static ProviderConfig stored(String json) {
    return KINDS.readStored(json(json));
  }

  private static JsonNode json(String text) {
    return Json.MAPPER.readTree(text.replace("TOKEN", TOKEN));
  }
}
