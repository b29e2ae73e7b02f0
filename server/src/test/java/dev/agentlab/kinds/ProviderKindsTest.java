package dev.agentlab.kinds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.agentlab.errors.FieldError;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.json.Json;
import dev.agentlab.secrets.Secret;
import dev.agentlab.secrets.SecretReferenceResolver;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class ProviderKindsTest {
  private static final ProviderKinds KINDS = ProviderKinds.standard();
  private static final String KNOWN =
      KINDS.all().stream().map(ProviderKind::name).collect(Collectors.joining(", "));
  private static final String AZURE =
      """
      {"name": "azure", "base_url": "https://r.openai.azure.com/openai", "options":
       {"deployment": "gpt 4/o", "auth_type": "api_key", "token": "0123456789abcdef",
        "api_version": "2024-06-01"}}\
      """;

  @ParameterizedTest
  @CsvSource({
    "http://my_gpu:8000, http://my_gpu:8000/v1",
    "http://my_gpu:8000/, http://my_gpu:8000/v1",
    "http://my_gpu:8000/v1, http://my_gpu:8000/v1",
    "http://my_gpu:8000/v1/, http://my_gpu:8000/v1",
    "http://my_gpu:8000//, http://my_gpu:8000//v1",
    "https://proxy.test/llm, https://proxy.test/llm/v1",
  })
  void missingV1IsAddedByDocumentedKinds(String url, String base) {
    List<ProviderKind> kinds =
        KINDS.all().stream()
            .filter(kind -> kind.baseUrl().description().contains("/v1 is added if missing"))
            .toList();

    assertThat(kinds).extracting(ProviderKind::name).containsExactly("ollama", "anthropic", "vllm");
    assertThat(kinds)
        .allSatisfy(kind -> {
          CallableProvider provider =
              build(
                  "{\"name\": \"%s\", \"base_url\": \"%s\", \"options\": {\"api_key\": \"k\"}}"
                      .formatted(kind, url));
          assertThat(provider.url("x")).hasToString(base + "/x");
          assertThat(provider.modelListEndpoint().url()).asString().startsWith(base + "/models");
        });
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      delimiter = '|',
      textBlock =
          """
          {"auth_type":"bearer","token":"t1"}|Authorization: Bearer t1
          {"auth_type":"api_key","token":"t1"}|X-API-Key: t1
          {"auth_type":"api_key","token":"t1","auth_header":"X-Key"}|X-Key: t1
          {"auth_type":"api_key","token":"t1","auth_header":""}|X-API-Key: t1
          {"auth_type":"api_key","token":""}|
          {"auth_type":"bearer"}|
          """)
  void ollamaTokenIsSentAccordingToOptions(String options, String field) {
    assertThat(build(ollama("http://localhost:11434", options)).credential().map(this::headerLine))
        .isEqualTo(Optional.ofNullable(field));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"auth_type\":\"other\",\"token\":\"t1\"}",
        "{\"auth_type\":\"\",\"token\":\"t1\"}",
        "{\"token\":\"t1\"}"
      })
  void ollamaTokenWithoutAuthTypeIsRejectedUnlessStored(String options) {
    String config = ollama("http://localhost:11434", options);

    assertThat(parseErrors(config))
        .containsExactly(
            "config.options.auth_type: must be bearer or api_key with token, to select how it is"
                + " sent");
    assertThat(KINDS.build(KINDS.readStored(json(config))).credential()).isEmpty();
  }

  @Test
  void ollamaTokenReferenceWithoutAuthTypeIsRejected() {
    ProviderKinds kinds =
        ProviderKinds.standard(
            new SecretReferenceResolver(
                List.of("T"), Map.of("T", Secret.of("t")), Optional.empty()));
    String config = ollama("http://localhost:11434", "{\"token\": {\"env\": \"T\"}}");
    assertThatThrownBy(() -> kinds.parse(json(config))).hasMessageContaining("bearer or api_key");
  }

  @Test
  void azureUrlContainsDeploymentAndApiVersion() {
    CallableProvider azure = build(AZURE);

    assertThat(azure.url("chat/completions"))
        .hasToString(
            "https://r.openai.azure.com/openai/deployments/gpt%204%2Fo/chat/completions"
                + "?api-version=2024-06-01");
    assertThat(azure.url("embeddings"))
        .hasToString(
            "https://r.openai.azure.com/openai/deployments/gpt%204%2Fo/embeddings"
                + "?api-version=2024-06-01");
    assertThat(azure.modelListEndpoint().url())
        .hasToString("https://r.openai.azure.com/openai/models?api-version=2024-10-21");
    assertThat(azure.credential().map(this::headerLine)).contains("api-key: 0123456789abcdef");
    assertThat(build(AZURE.replace("api_key", "bearer")).credential().map(this::headerLine))
        .contains("Authorization: Bearer 0123456789abcdef");
  }

  @Test
  void missingAzureOptionsAreListedInOriginalOrder() {
    assertThat(parseErrors("{\"name\": \"azure\", \"base_url\": \"https://r.test/openai\"}"))
        .containsExactly(
            "config.options.deployment: is required for Azure provider: the name of the deployment."
                + " Not used with /openai/v1, where the model of each request names the deployment",
            "config.options.auth_type: is required for Azure provider: how the token is sent:"
                + " api_key in the api-key header, bearer in the Authorization header",
            "config.options.token: is required for Azure provider: an API key of the resource, or an"
                + " Entra access token",
            "config.options.api_version: is required for Azure provider: the API version, such as"
                + " 2024-10-21. Not used with /openai/v1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"https://r.openai.azure.com/openai/v1", "https://r.openai.azure.com/openai/v1/"})
  void azureV1RequiresOnlyToken(String url) {
    String config = "{\"name\": \"azure\", \"base_url\": \"%s\", \"options\": {%s}}";
    String token = "\"token\": \"0123456789abcdef\"";
    CallableProvider azure = build(config.formatted(url, token));

    assertThat(azure.url("chat/completions"))
        .hasToString("https://r.openai.azure.com/openai/v1/chat/completions");
    assertThat(azure.modelListEndpoint().url())
        .hasToString("https://r.openai.azure.com/openai/v1/models");
    assertThat(azure.credential().map(this::headerLine)).contains("api-key: 0123456789abcdef");
    assertThat(
            build(config.formatted(url, token + ", \"auth_type\": \"bearer\""))
                .credential()
                .map(this::headerLine))
        .contains("Authorization: Bearer 0123456789abcdef");
    assertThat(parseErrors(config.formatted(url, "")))
        .containsExactly(
            "config.options.token: is required for Azure provider: an API key of the resource, or an"
                + " Entra access token");
  }

  @Test
  void azureSchemaRequiresOptionsDependingOnBaseUrl() {
    Schema azure = schema("azure");
    String v1 =
        "{\"name\": \"azure\", \"base_url\": \"https://r.test/openai/v1\", \"options\": {%s}}";

    assertThat(azure.validate(json(v1.formatted("\"token\": \"t\"")))).isEmpty();
    assertThat(azure.validate(json(v1.formatted("")))).isNotEmpty();
    assertThat(azure.validate(json(v1.formatted("\"token\": \"t\"").replace("/v1", ""))))
        .isNotEmpty();
    for (String member : List.of("deployment", "auth_type", "api_version")) {
      assertThat(azure.validate(json(AZURE.replace(member, "other")))).isNotEmpty();
    }
    assertThat(azure.validate(json(AZURE.replace("gpt 4/o", "")))).isNotEmpty();
  }

  @Test
  void unknownAzureAuthTypeIsRejected() {
    assertThat(parseErrors(AZURE.replace("\"api_key\"", "\"basic\"")))
        .containsExactly("config.options.auth_type: must be api_key or bearer");
  }

  @ParameterizedTest
  @ValueSource(strings = {".", "..", "a\\u0007b"})
  void azureDeploymentThatChangesPathIsRejected(String deployment) {
    assertThat(parseErrors(AZURE.replace("gpt 4/o", deployment))).hasSize(1);
  }

  @Test
  void geminiUsesGoogleUrlByDefault() {
    CallableProvider gemini =
        build("{\"name\": \"gemini\", \"options\": {\"api_key\": \"0123456789abcdef\"}}");

    assertThat(gemini.url("models/m:streamGenerateContent?alt=sse"))
        .hasToString(
            "https://generativelanguage.googleapis.com/v1beta/models/m:streamGenerateContent?alt=sse");
    assertThat(gemini.modelListEndpoint().url())
        .hasToString("https://generativelanguage.googleapis.com/v1beta/models?pageSize=1000");
    assertThat(gemini.credential().map(this::headerLine))
        .contains("x-goog-api-key: 0123456789abcdef");
    assertThat(parseErrors("{\"name\": \"gemini\"}"))
        .containsExactly(
            "config.options.api_key: is required for Gemini provider: an API key from Google AI Studio");
  }

  @Test
  void anthropicRequestsCarryApiVersion() {
    CallableProvider anthropic =
        build("{\"name\": \"anthropic\", \"options\": {\"api_key\": \"0123456789abcdef\"}}");

    assertThat(anthropic.url("messages")).hasToString("https://api.anthropic.com/v1/messages");
    assertThat(anthropic.modelListEndpoint().url())
        .hasToString("https://api.anthropic.com/v1/models?limit=1000");
    assertThat(anthropic.modelListEndpoint().headers())
        .isEqualTo(Map.of("anthropic-version", "2023-06-01"));
    assertThat(anthropic.credential().map(this::headerLine))
        .contains("x-api-key: 0123456789abcdef");
    assertThat(anthropic.kind().capabilities())
        .containsExactlyInAnyOrder(Capability.CHAT, Capability.VISION, Capability.TOOLS);
    assertThat(parseErrors("{\"name\": \"anthropic\"}"))
        .containsExactly(
            "config.options.api_key: is required for Anthropic provider: an API key from"
                + " https://platform.claude.com/settings/keys");
  }

  @Test
  void unknownKindErrorListsKnownKinds() {
    assertThat(parseErrors("{\"name\": \"Ollama\", \"base_url\": \"ftp://x\", \"extra\": 1}"))
        .containsExactly(
            "config.extra: is unknown; known members are name, base_url, options, model",
            "config.name: no provider kind \"Ollama\"; known kinds are "
                + KNOWN
                + "; did you mean ollama?");
    assertThat(parseErrors("{\"name\": \"opnai\"}").getFirst()).endsWith("; did you mean openai?");
    assertThat(parseErrors("{\"name\": \"other\"}").getFirst()).endsWith(KNOWN);
    assertThat(parseErrors("{}"))
        .containsExactly("config.name: is required; known kinds are " + KNOWN);
  }

  @Test
  void allErrorsAreReportedTogether() {
    assertThat(
            parseErrors(
                """
                {"name": "ollama", "base_url": 5, "url": "",
                 "options": {"token": true, "auth_header": "a b", "auth_type": 1}}\
                """))
        .containsExactly(
            "config.url: is unknown; known members are name, base_url, options, model",
            "config.base_url: must be a string",
            "config.options.token: must be a string, or a reference to the secret: {\"env\":"
                + " \"NAME\"} or {\"file\": \"path\"}",
            "config.options.auth_type: must be a string",
            "config.options.auth_header: must be the name of a header field, such as X-API-Key");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " http://localhost",
        "localhost:11434",
        "ftp://localhost",
        "http://",
        "http://user:hunter2@localhost",
        "http://hunter2@localhost",
        "http://localhost/v1?key=hunter2",
        "http://localhost/v1#hunter2",
        "http://localhost:99999",
        "http://127.1:11434",
        "http://0x7f000001",
        "http://2130706433",
        "http://müller.example",
        "http://１２７.0.0.1",
        "http://local host",
        "http://localhost\\nX: y",
        "http://localhost/\\u0000",
        "http://[fe80::1%25eth0]",
        "http://%31%32%37.0.0.1",
      })
  void invalidBaseUrlIsRejectedWithoutEcho(String url) {
    assertThat(parseErrors(ollama(url, "{}")))
        .singleElement()
        .satisfies(
            error -> assertThat(error).startsWith("config.base_url: ").doesNotContain("hunter2"));
  }

  @Test
  void overlongBaseUrlIsRejected() {
    assertThat(parseErrors(ollama("http://localhost/" + "a".repeat(2_000), "{}"))).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\\r\\nX-Evil: 1", "a\\nb", "tökén", "a\\u0000", " a", "a ", "***"})
  void invalidTokenIsRejectedWithoutEcho(String token) {
    assertThat(
            parseErrors(
                ollama(
                    "http://localhost", "{\"auth_type\":\"bearer\",\"token\":\"" + token + "\"}")))
        .singleElement()
        .satisfies(
            error -> assertThat(error).startsWith("config.options.token: ").doesNotContain("Evil"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"X: y", "X\\r\\nY", "Host", "content-length", "Ünicode", "a b"})
  void unsafeAuthHeaderIsRejected(String header) {
    assertThat(parseErrors(ollama("http://localhost", "{\"auth_header\":\"" + header + "\"}")))
        .singleElement()
        .asString()
        .startsWith("config.options.auth_header: ");
  }

  @Test
  void schemaListsConditionsOfOptions() {
    JsonNode bedrock = KINDS.find("bedrock").orElseThrow().schema().at("/properties/options");

    assertThat(bedrock.at("/properties/api_key/x-used-with"))
        .isEqualTo(json("{\"auth_type\": [\"api_key\"]}"));
    assertThat(bedrock.at("/properties/session_token/x-used-with"))
        .isEqualTo(json("{\"auth_type\": [\"sigv4\"]}"));
    JsonNode other = KINDS.find("openai-compatible").orElseThrow().schema();
    assertThat(other.at("/properties/options/properties/auth_header/x-used-with"))
        .isEqualTo(json("{\"auth_type\": [\"api_key\"]}"));
  }

  @Test
  void schemaMatchesValidationAndMarksSecrets() {
    Schema azure = schema("azure");

    assertThat(azure.validate(json(AZURE))).isEmpty();
    assertThat(azure.validate(json(AZURE.replace("\"token\"", "\"other\"")))).isNotEmpty();
    assertThat(azure.validate(json(AZURE.replace("azure\"", "ollama\"")))).isNotEmpty();
    assertThat(azure.validate(json(AZURE.replace("{\"name\"", "{\"x\": 1, \"name\""))))
        .isNotEmpty();
    assertThat(schema("ollama").validate(json(ollama("http://localhost", "{\"keep\": 1}"))))
        .isEmpty();
    JsonNode options = KINDS.find("ollama").orElseThrow().schema().at("/properties/options");
    assertThat(options.at("/properties/token/writeOnly").booleanValue()).isTrue();
    assertThat(options.at("/properties/token/format").stringValue()).isEqualTo("password");
    assertThat(options.at("/properties/auth_type/examples")).hasSize(2);
    assertThat(options.at("/properties/auth_header/default").stringValue()).isEqualTo("X-API-Key");
  }

  @Test
  void kindWithDefaultBaseUrlRequiresNone() {
    ProviderKind ollama = KINDS.find("ollama").orElseThrow();
    ProviderKind kind =
        new ProviderKind(
            "hosted",
            "Hosted",
            "Somewhere.",
            Option.url("base_url", "Where.").defaultValue("https://api.test/v1"),
            ollama.options(),
            ollama.capabilities(),
            ollama.advice(),
            ollama.builder());

    for (String given : List.of("", ", \"base_url\": \"\"", ", \"base_url\": null")) {
      ProviderConfig config =
          new ProviderConfig(json("{\"name\": \"hosted\"" + given + "}"), Optional.of(kind));
      assertThat(kind.build(config, "config").baseUrl()).isEqualTo("https://api.test/v1");
      assertThat(config.toMaskedJson().path("base_url").stringValue())
          .isEqualTo("https://api.test/v1");
    }
    ProviderConfig other =
        new ProviderConfig(
            json("{\"name\": \"hosted\", \"base_url\": \"http://proxy.test/v1\"}"),
            Optional.of(kind));
    assertThat(kind.build(other, "config").baseUrl()).isEqualTo("http://proxy.test/v1");
    assertThat(kind.schema().path("required").values()).hasSize(1);
    assertThat(kind.schema().at("/properties/base_url/default").stringValue())
        .isEqualTo("https://api.test/v1");
  }

  @Test
  void everyKindAndOptionHasADescription() {
    for (ProviderKind kind : KINDS.all()) {
      assertThat(KINDS.find(kind.name())).contains(kind);
      assertThat(kind.description()).endsWith(".");
      assertThat(kind.options()).extracting(Option::name).doesNotHaveDuplicates();
      assertThat(kind.options()).allSatisfy(it -> assertThat(it.description()).endsWith("."));
    }
  }

  private static Schema schema(String kind) {
    return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
        .getSchema(KINDS.find(kind).orElseThrow().schema());
  }

  private String headerLine(ProviderCredential credential) {
    String header = credential.header();
    URI url = URI.create("http://llm.test/v1/models");
    return header
        + ": "
        + credential.headers("GET", url, new byte[0]).values().iterator().next().reveal();
  }

  private static String ollama(String url, String options) {
    return "{\"name\": \"ollama\", \"base_url\": \"%s\", \"options\": %s}".formatted(url, options);
  }

  private static CallableProvider build(String config) {
    return KINDS.build(KINDS.parse(json(config)));
  }

  private static List<String> parseErrors(String config) {
    return catchThrowableOfType(InvalidInputException.class, () -> KINDS.parse(json(config)))
        .errors()
        .stream()
        .map(FieldError::toString)
        .toList();
  }

  private static JsonNode json(String text) {
    return Json.MAPPER.readTree(text);
  }
}
