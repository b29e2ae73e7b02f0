package dev.agentlab.kinds;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.agentlab.dialects.ModelRequest;
import dev.agentlab.dialects.Operation;
import dev.agentlab.dialects.ProviderRequest;
import dev.agentlab.errors.FieldError;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.json.Json;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Tests the kinds that speak OpenAI's dialect, except Ollama and Azure.
class OpenAiFamilyTest {
  private static final ProviderKinds KINDS = ProviderKinds.standard();
  private static final String KEY = "{\"api_key\": \"k-0123456789\"}";

  @ParameterizedTest
  @CsvSource({
    "openai, https://api.openai.com/v1",
    "mistral, https://api.mistral.ai/v1",
    "groq, https://api.groq.com/openai/v1",
    "openrouter, https://openrouter.ai/api/v1",
  })
  void hostedApiRequiresOnlyApiKey(String kind, String base) {
    CallableProvider provider = build(kind, null, KEY);

    assertThat(provider.url("chat/completions")).isEqualTo(URI.create(base + "/chat/completions"));
    assertThat(provider.url("embeddings")).isEqualTo(URI.create(base + "/embeddings"));
    assertThat(provider.modelListEndpoint().url()).isEqualTo(URI.create(base + "/models"));
    assertThat(authenticationHeaders(provider)).isEqualTo("{Authorization=Bearer k-0123456789}");
    assertThat(provider.modelListEndpoint().headers()).isEmpty();
    assertThat(build(kind, "https://proxy.test/v1/", KEY).url("x"))
        .hasToString("https://proxy.test/v1/x");
    assertThat(parseErrors(kind, null, "{}"))
        .singleElement()
        .asString()
        .startsWith(
            "config.options.api_key: is required for %s provider: an API key from https://"
                .formatted(provider.kind().title()));
  }

  @Test
  void headerOptionsAreSentWithAllRequests() {
    CallableProvider openai =
        build(
            "openai", null, "{\"api_key\": \"k\", \"organization\": \"org-1\", \"project\": \"\"}");
    CallableProvider openrouter =
        build(
            "openrouter",
            null,
            "{\"api_key\": \"k\", \"http_referer\": \"https://a.test\", \"x_title\": \"A b\"}");

    assertThat(write(openai, Operation.CHAT, "{}").headers())
        .isEqualTo(openai.modelListEndpoint().headers())
        .isEqualTo(Map.of("OpenAI-Organization", "org-1"));
    assertThat(write(openrouter, Operation.EMBEDDINGS, "{}").headers())
        .isEqualTo(openrouter.modelListEndpoint().headers())
        .isEqualTo(Map.of("HTTP-Referer", "https://a.test", "X-Title", "A b"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\\r\\nX-Evil: 1", "tökén", " a", "a "})
  void headerOptionMustBeValidHeaderValue(String title) {
    assertThat(
            parseErrors(
                "openrouter", null, "{\"api_key\": \"k\", \"x_title\": \"%s\"}".formatted(title)))
        .singleElement()
        .asString()
        .startsWith("config.options.x_title: must ");
  }

  @Test
  void mistralRequestUsesMistralNames() {
    CallableProvider mistral = build("mistral", null, KEY);

    assertThat(
            body(
                mistral,
                Operation.CHAT,
                """
                {"model":"m","max_completion_tokens":5,"seed":7,"stream":true,\
                "stream_options":{"include_usage":true}}\
                """))
        .isEqualTo("{\"model\":\"m\",\"max_tokens\":5,\"random_seed\":7,\"stream\":true}");
    assertThat(body(mistral, Operation.EMBEDDINGS, "{\"input\":\"x\",\"dimensions\":8}"))
        .isEqualTo("{\"input\":\"x\",\"output_dimension\":8}");
  }

  @Test
  void ollamaReceivesTheLimitUnderTheNameThatItKnows() {
    CallableProvider ollama = build("ollama", "http://localhost:11434", "{}");

    assertThat(body(ollama, Operation.CHAT, "{\"model\":\"m\",\"max_completion_tokens\":5}"))
        .isEqualTo("{\"model\":\"m\",\"max_tokens\":5}");
    assertThat(body(ollama, Operation.CHAT, "{ \"max_tokens\" : 5 }"))
        .isEqualTo("{ \"max_tokens\" : 5 }");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"logprobs":true}                               | logprobs: is not supported by Groq
          {"top_logprobs":2}                              | top_logprobs: is not supported by Groq
          {"logit_bias":{"1":2}}                          | logit_bias: is not supported by Groq
          {"n":2}                                         | n: must be 1 with Groq
          {"messages":[{"role":"user"},{"name":"Ann"}]}   | messages: must not have a name, which Groq does not support
          """)
  void membersUnsupportedByGroqAreRejected(String request, String message) {
    CallableProvider groq = build("groq", null, KEY);

    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> write(groq, Operation.CHAT, request))
        .withMessage(message);
  }

  @Test
  void groqRequestOmitsNeutralUnsupportedMembers() {
    CallableProvider groq = build("groq", null, KEY);

    assertThat(
            body(
                groq,
                Operation.CHAT,
                "{\"logprobs\":false,\"logit_bias\":null,\"top_logprobs\":null,\"n\":1}"))
        .isEqualTo("{\"n\":1}");
    String plain = "{ \"messages\": [{\"role\": \"user\", \"content\": \"hi\"}] }";
    assertThat(body(groq, Operation.CHAT, plain)).isEqualTo(plain);
  }

  @Test
  void groqHasNoEmbeddings() {
    CallableProvider groq = build("groq", null, KEY);

    assertThat(groq.kind().capabilities())
        .containsExactly(Capability.CHAT, Capability.VISION, Capability.TOOLS);
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> write(groq, Operation.EMBEDDINGS, "{\"input\": \"x\"}"))
        .withMessageContaining("input: ")
        .withMessageContaining("Groq");
  }

  @Test
  void vllmSendsApiKeyOnlyIfConfigured() {
    String url = "http://gpu:8000";

    assertThat(build("vllm", url, "{}").credential()).isEmpty();
    assertThat(authenticationHeaders(build("vllm", url, KEY)))
        .isEqualTo("{Authorization=Bearer k-0123456789}");
  }

  @ParameterizedTest
  @CsvSource({
    "vllm, 'vLLM provider: the URL of vLLM, such as http://localhost:8000; /v1 is added if missing'",
    "openai-compatible, 'OpenAI-compatible provider: the URL before /chat/completions, such as https://llm.example.com/v1'"
  })
  void selfHostedKindRequiresBaseUrl(String kind, String what) {
    assertThat(parseErrors(kind, null, "{}"))
        .containsExactly("config.base_url: is required for " + what);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      delimiter = '|',
      textBlock =
          """
          {"token":"t1"}|{Authorization=Bearer t1}
          {"auth_type":"bearer","token":"t1"}|{Authorization=Bearer t1}
          {"auth_type":"api_key","token":"t1"}|{X-API-Key=t1}
          {"auth_type":"api_key","token":"t1","auth_header":"Api-Key"}|{Api-Key=t1}
          {"auth_type":"none","token":"t1"}|{}
          {"auth_type":"bearer"}|{}
          {}|{}
          """)
  void openAiCompatibleTokenIsSentAccordingToOptions(String options, String proof) {
    assertThat(authenticationHeaders(build("openai-compatible", "http://a.test/v1", options)))
        .isEqualTo(proof);
  }

  @Test
  void openAiCompatibleBaseUrlIsUsedUnchanged() {
    for (String url : List.of("http://a.test/api", "http://a.test/api/")) {
      CallableProvider any = build("openai-compatible", url, "{}");

      assertThat(any.url("embeddings")).hasToString("http://a.test/api/embeddings");
      assertThat(any.modelListEndpoint().url()).hasToString("http://a.test/api/models");
    }
    assertThat(parseErrors("openai-compatible", "http://a.test", "{\"auth_type\": \"basic\"}"))
        .containsExactly("config.options.auth_type: must be bearer or api_key or none");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          openai            |                                   | {"api_key": "k"}                        | true
          azure             | https://r.openai.azure.com/openai/v1 | {"token": "k"}                       | true
          azure             | https://r.openai.azure.com/openai | {"token": "k", "deployment": "d", "auth_type": "api_key", "api_version": "v"} | false
          groq              |                                   | {"api_key": "k"}                        | false
          groq              |                                   | {"api_key": "k", "responses": true}     | true
          openrouter        |                                   | {"api_key": "k", "responses": true}     | true
          openrouter        |                                   | {"api_key": "k", "responses": false}    | false
          vllm              | http://a.test                     | {"responses": true}                     | true
          vllm              | http://a.test                     | {}                                      | false
          ollama            | http://a.test                     | {"responses": true}                     | true
          ollama            | http://a.test                     | {"responses": null}                     | false
          openai-compatible | http://a.test/v1                  | {"responses": true}                     | true
          openai-compatible | http://a.test/v1                  | {}                                      | false
          mistral           |                                   | {"api_key": "k", "responses": true}     | false
          """)
  void responsesAreNativeWhereTheServerHasThem(
      String kind, @Nullable String url, String options, boolean isNative) {
    CallableProvider provider = build(kind, url, options);

    for (Operation operation :
        List.of(Operation.RESPONSES, Operation.COUNT_RESPONSE_TOKENS, Operation.COMPACT_RESPONSE)) {
      assertThat(provider.dialect().isNative(operation)).isEqualTo(isNative);
    }
    assertThat(provider.dialect().isNative(Operation.CHAT)).isTrue();
  }

  @Test
  void headerOptionsAreSentWithResponses() {
    CallableProvider openrouter =
        build(
            "openrouter", null, "{\"api_key\": \"k\", \"responses\": true, \"x_title\": \"A b\"}");

    assertThat(write(openrouter, Operation.RESPONSES, "{}").headers())
        .isEqualTo(Map.of("X-Title", "A b"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"true\"", "1", "[true]", "{\"env\": \"X\"}"})
  void responsesOptionMustBeBoolean(String value) {
    assertThat(parseErrors("vllm", "http://a.test", "{\"responses\": %s}".formatted(value)))
        .containsExactly("config.options.responses: must be true or false");
  }

  @Test
  void schemaOfABooleanOptionHasItsDefault() {
    assertThat(
            KINDS
                .find("vllm")
                .orElseThrow()
                .schema()
                .at("/properties/options/properties/responses"))
        .isEqualTo(
            Json.MAPPER.readTree(
                """
                {"type": "boolean", "default": false, "x-advanced": true,
                 "description": "Whether the server has OpenAI's Responses API: requests to /v1/responses then pass as they are, and are translated to chat completions otherwise."}
                """));
  }

  private static CallableProvider build(String kind, @Nullable String url, String options) {
    return KINDS.build(KINDS.parse(Json.MAPPER.readTree(config(kind, url, options))));
  }

  private static List<String> parseErrors(String kind, @Nullable String url, String options) {
    return catchThrowableOfType(
            InvalidInputException.class,
            () -> KINDS.parse(Json.MAPPER.readTree(config(kind, url, options))))
        .errors()
        .stream()
        .map(FieldError::toString)
        .toList();
  }

  private static String config(String kind, @Nullable String url, String options) {
    String baseUrl = url == null ? "" : "\"base_url\": \"%s\", ".formatted(url);
    return "{\"name\": \"%s\", %s\"options\": %s}".formatted(kind, baseUrl, options);
  }

  private static String authenticationHeaders(CallableProvider provider) {
    return provider
        .authenticationHeaders("POST", provider.url("x"), new byte[0])
        .entrySet()
        .stream()
        .map(field -> field.getKey() + "=" + field.getValue().reveal())
        .collect(Collectors.joining(", ", "{", "}"));
  }

  private static String body(CallableProvider provider, Operation operation, String request) {
    return new String(write(provider, operation, request).body(), UTF_8);
  }

  private static ProviderRequest write(
      CallableProvider provider, Operation operation, String request) {
    return provider
        .dialect()
        .translateRequest(ModelRequest.parse(operation, request.getBytes(UTF_8)));
  }
}
