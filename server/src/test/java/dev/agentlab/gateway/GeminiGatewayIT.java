package dev.agentlab.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.json.Json;
import dev.agentlab.server.TestClient;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.testing.FakeUpstream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Google's API on bytes: what reaches the provider, and what returns.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GeminiGatewayIT {
  /// https://ai.google.dev/api/generate-content, with members that no one knows.
  private static final String RESPONSE =
      """
      { "candidates": [ {"content": {"parts": [ {"text": "Hi"} ], "role": "model"}, "finishReason": "STOP", "odd": 1.50} ],
        "usageMetadata": {"promptTokenCount": 19, "candidatesTokenCount": 10, "totalTokenCount": 29, "cachedContentTokenCount": 5},
        "modelVersion": "gemini-x", "responseId": "r1", "big": 9007199254740993 }
      """;

  private static final String START =
      "data: {\"candidates\": [{\"content\": {\"parts\": [{\"text\": \"H\\u2028\"}],\"role\": \"model\"}}],\"odd\": 1.50}\r\n\r\n";

  private static final String END =
      "data: {\"candidates\": [{\"content\": {\"parts\": [{\"text\": \"\"}],\"role\": \"model\"},\"finishReason\": \"STOP\"}],\"usageMetadata\": {\"promptTokenCount\": 3,\"candidatesTokenCount\": 2,\"totalTokenCount\": 5}}\r\n\r\n";

  private static final String REQUEST =
      "{ \"contents\": [ {\"parts\":[{\"text\":\"Hi\"}]} ], \"generation_config\": {\"top_k\": 4}, \"odd\": 1.50}";

  private static final String NATIVE = "/v1beta/models/g/gemini-x:";
  private static final String TRANSLATED = "/v1beta/models/oai/gpt-x:";

  @RegisterExtension private final GatewayFixture gateway = new GatewayFixture();

  @BeforeAll
  void register() {
    gateway.registerProvider("g", "gemini", "\"models\": [\"gemini-*\", \"gemini-x\"], ");
    gateway.registerProvider("oai", "openai", "\"models\": [\"gpt-x\"], ");
    gateway.registerProvider("limited", "openai", "\"models\": [\"gpt-x\"], ");
    gateway.registerProvider("claude", "anthropic", "\"models\": [\"claude-x\"], ");
    gateway.createAgent(
        "helper",
        """
        "system_prompt": "Be brief.", "provider": "g", "client": {"retry": {"max_retries": 0}},
        "model": {"name": "gemini-x", "capabilities": {
          "chat": {"temperature": 0.3, "max_tokens": 9, "stop": "END",
                   "safetySettings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "OFF"}]},
          "embeddings": {"dimensions": 3}}}
        """);
  }

  /// Sends a request as Google's clients do.
  private Answer send(String path, String json, String... headers) {
    return gateway.client().post(path, json, headers);
  }

  private static JsonNode json(String text) {
    return Json.MAPPER.readTree(text);
  }

  private JsonNode sentBody() throws Exception {
    return json(gateway.upstream().request().body());
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1beta", "/v1"})
  void nativeBytesPassBothWays(String prefix) throws Exception {
    gateway.respondWith(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nx-gemini-service-tier: standard\r\n"
            + "Content-Length: %d\r\n\r\n%s".formatted(RESPONSE.length(), RESPONSE));

    Answer answer =
        send(
            prefix + "/models/g/gemini-x:generateContent?$alt=json",
            REQUEST,
            "x-goog-api-client",
            "google-genai-sdk/1",
            "Cookie",
            "session=1");

    assertThat(answer.text()).isEqualTo(RESPONSE);
    assertThat(answer.header("x-gemini-service-tier")).isEqualTo("standard");
    assertThat(answer.header("Agent-Lab-Provider")).isEqualTo("g");
    FakeUpstream.Request sent = gateway.upstream().request();
    assertThat(sent.requestLine()).isEqualTo("POST /models/gemini-x:generateContent HTTP/1.1");
    assertThat(sent.body()).isEqualTo(REQUEST);
    assertThat(sent.header("x-goog-api-key")).contains(GatewayFixture.PROVIDER_KEY);
    assertThat(sent.header("x-goog-api-client")).contains("google-genai-sdk/1");
    assertThat(sent.header("cookie")).isEmpty();
  }

  @Test
  void nativeStreamPasses() throws Exception {
    gateway.stream(START + END);

    Answer answer = send(NATIVE + "streamGenerateContent?alt=sse", REQUEST);

    assertThat(answer.text()).isEqualTo(START + END);
    assertThat(answer.header("content-type")).startsWith("text/event-stream");
    assertThat(gateway.upstream().request().requestLine())
        .isEqualTo("POST /models/gemini-x:streamGenerateContent?alt=sse HTTP/1.1");
  }

  @Test
  void agentAddsItsPromptAndOptions() throws Exception {
    gateway.respondWith(FakeUpstream.json(RESPONSE));

    Answer answer =
        send(
            "/v1beta/models/helper:generateContent",
            """
            {"contents":[{"parts":[{"text":"Hi", "x": 1.50}]}],"system_instruction":{"parts":[{"text":"Own."}]},\
            "generation_config":{"temperature":0.5,"top_k":4}}\
            """);

    assertThat(answer.text()).isEqualTo(RESPONSE);
    assertThat(answer.header("Agent-Lab-Agent")).isEqualTo("helper");
    assertThat(gateway.upstream().request().body())
        .isEqualTo(
            """
            {"contents":[{"parts":[{"text":"Hi", "x": 1.50}]}],"system_instruction":{"parts":[{"text":"Be brief."},{"text":"Own."}]},\
            "generation_config":{"temperature":0.5,"top_k":4,"maxOutputTokens":9,"stopSequences":["END"]},\
            "safetySettings":[{"category":"HARM_CATEGORY_HARASSMENT","threshold":"OFF"}]}\
            """);
  }

  @Test
  void tokensAreCountedByTheProvider() throws Exception {
    gateway.respondWith(FakeUpstream.json("{\"totalTokens\": 7}"));

    assertThat(send(NATIVE + "countTokens", REQUEST).text()).isEqualTo("{\"totalTokens\": 7}");
    assertThat(gateway.upstream().request().requestLine())
        .isEqualTo("POST /models/gemini-x:countTokens HTTP/1.1");
  }

  @Test
  void tokensOfAnAgentIncludeItsPrompt() throws Exception {
    gateway.respondWith(FakeUpstream.json("{\"totalTokens\": 9}"));

    send("/v1beta/models/helper:countTokens", "{\"contents\":[{\"parts\":[{\"text\":\"Hi\"}]}]}");

    assertThat(sentBody())
        .isEqualTo(
            json(
                """
                {"generateContentRequest": {"model": "models/gemini-x", "contents": [{"parts": [{"text": "Hi"}]}],
                 "systemInstruction": {"parts": [{"text": "Be brief."}]}}}\
                """));
  }

  @Test
  void tokensAreEstimatedForOtherProviders() {
    Answer answer =
        send(
            TRANSLATED + "countTokens",
            "{\"contents\":[{\"parts\":[{\"text\":\"The quick brown fox jumps over the lazy dog.\"}]}]}");

    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    assertThat(json(answer.text()).path("totalTokens").asInt()).isBetween(10, 30);
    assertThat(answer.header("Agent-Lab-Warnings")).contains("estimate");
  }

  @Test
  void embeddingsNameTheModelOfTheProvider() throws Exception {
    String embeddings = "{\"embeddings\": [{\"values\": [0.50, 1]}]}";
    gateway.respondWith(FakeUpstream.json(embeddings));

    Answer answer =
        send(
            "/v1beta/models/helper:batchEmbedContents",
            "{\"requests\":[{\"model\":\"models/helper\",\"content\":{\"parts\":[{\"text\":\"a\"}]}}]}");

    assertThat(answer.text()).isEqualTo(embeddings);
    assertThat(sentBody())
        .isEqualTo(
            json(
                """
                {"requests": [{"model": "models/gemini-x", "content": {"parts": [{"text": "a"}]},
                  "outputDimensionality": 3}]}\
                """));
  }

  @Test
  void embeddingsOfOtherProvidersAreTranslated() throws Exception {
    gateway.respondWith(
        FakeUpstream.json(
            """
            {"object": "list", "data": [{"index": 1, "embedding": [2.50]}, {"index": 0, "embedding": [1.50]}],
             "model": "gpt-y", "usage": {"prompt_tokens": 4, "total_tokens": 4}}\
            """));

    Answer answer =
        send(
            TRANSLATED + "batchEmbedContents",
            """
            {"requests": [{"model": "models/x", "content": {"parts": [{"text": "a"}]}, "output_dimensionality": 1},
              {"model": "models/x", "content": {"parts": [{"text": "b"}]}, "outputDimensionality": 1}]}\
            """);

    assertThat(answer.text())
        .isEqualTo(
            "{\"embeddings\":[{\"values\":[1.50]},{\"values\":[2.50]}],\"usageMetadata\":{\"promptTokenCount\":4}}");
    assertThat(sentBody())
        .isEqualTo(json("{\"model\": \"gpt-x\", \"input\": [\"a\", \"b\"], \"dimensions\": 1}"));
  }

  @Test
  void dataOfOtherVendorsIsNotSentToGoogle() throws Exception {
    gateway.respondWith(FakeUpstream.json(RESPONSE));

    send(
        NATIVE + "generateContent",
        """
        {"contents":[{"role":"model","parts":[{"text":"a","thoughtSignature":"YWdsMS57fQ=="},\
        {"functionCall":{"name":"f","args":{}},"thought_signature":"YWdsMS57fQ=="},\
        {"text":"b","thoughtSignature":"c2ln"}]}]}\
        """);

    assertThat(gateway.upstream().request().body())
        .isEqualTo(
            """
            {"contents":[{"role":"model","parts":[{"text":"a"},\
            {"functionCall":{"name":"f","args":{}},"thought_signature":"skip_thought_signature_validator"},\
            {"text":"b","thoughtSignature":"c2ln"}]}]}\
            """);
  }

  @Test
  void otherVendorAnswersInGooglesShape() throws Exception {
    gateway.respondWith(
        FakeUpstream.json(
            """
            {"id": "chatcmpl-1", "object": "chat.completion", "created": 5, "model": "gpt-y",
             "choices": [{"index": 0, "message": {"role": "assistant", "content": "So:", "tool_calls": [
               {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{\\"a\\":9007199254740993}"}}]},
               "finish_reason": "tool_calls"}],
             "usage": {"prompt_tokens": 19, "completion_tokens": 10, "total_tokens": 29,
               "prompt_tokens_details": {"cached_tokens": 4}, "completion_tokens_details": {"reasoning_tokens": 3}}}\
            """));

    Answer answer =
        send(
            TRANSLATED + "generateContent",
            """
            {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}],
             "system_instruction": {"parts": [{"text": "Be brief."}]},
             "tools": [{"function_declarations": [{"name": "f", "parameters": {"type": "OBJECT", "properties":
               {"a_b": {"type": "STRING", "nullable": true}}}}]}],
             "toolConfig": {"functionCallingConfig": {"mode": "ANY"}},
             "generationConfig": {"stopSequences": ["END"], "maxOutputTokens": 7}, "safetySettings": [{"x": 1}]}\
            """);

    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    assertThat(json(answer.text()))
        .isEqualTo(
            json(
                """
                {"candidates": [{"content": {"parts": [{"text": "So:"},
                   {"functionCall": {"id": "call_1", "name": "f", "args": {"a": 9007199254740993}}}], "role": "model"},
                   "finishReason": "STOP", "index": 0}],
                 "usageMetadata": {"promptTokenCount": 19, "candidatesTokenCount": 7, "totalTokenCount": 29,
                   "cachedContentTokenCount": 4, "thoughtsTokenCount": 3},
                 "modelVersion": "gpt-y", "responseId": "chatcmpl-1"}\
                """));
    assertThat(answer.header("Agent-Lab-Warnings")).contains("safetySettings");
    JsonNode sent = sentBody();
    assertThat(sent.at("/messages/0/role").asString()).isEqualTo("system");
    assertThat(sent.at("/messages/1/content").asString()).isEqualTo("Hi");
    assertThat(sent.at("/tools/0/function/parameters"))
        .isEqualTo(
            json(
                "{\"type\": \"object\", \"properties\": {\"a_b\": {\"type\": [\"string\", \"null\"]}}}"));
    assertThat(sent.path("tool_choice").asString()).isEqualTo("required");
    assertThat(sent.at("/stop/0").asString()).isEqualTo("END");
  }

  @Test
  void otherVendorStreamsInGooglesShape() {
    gateway.stream(
        """
        data: {"id":"c","model":"gpt-y","created":5,"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}

        data: {"id":"c","model":"gpt-y","created":5,"choices":[{"index":0,"delta":{"content":"Hi"}}]}

        data: {"id":"c","model":"gpt-y","created":5,"choices":[{"index":0,"delta":{},"finish_reason":"length"}]}

        data: {"id":"c","model":"gpt-y","created":5,"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}}

        data: [DONE]

        """);

    Answer answer = send(TRANSLATED + "streamGenerateContent?alt=sse", REQUEST);

    assertThat(answer.text())
        .isEqualTo(
            "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"Hi\"}],\"role\":\"model\"},\"index\":0}],\"modelVersion\":\"gpt-y\",\"responseId\":\"c\"}\r\n\r\n"
                + "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"\"}],\"role\":\"model\"},\"finishReason\":\"MAX_TOKENS\",\"index\":0}],"
                + "\"usageMetadata\":{\"promptTokenCount\":3,\"candidatesTokenCount\":2,\"totalTokenCount\":5},\"modelVersion\":\"gpt-y\",\"responseId\":\"c\"}\r\n\r\n");
  }

  @Test
  void truncatedStreamEndsWithAnError() {
    gateway.stream(START);

    String text = send(NATIVE + "streamGenerateContent?alt=sse", REQUEST).text();

    assertThat(text).startsWith(START + "data: {\"error\":{\"code\":502,");
    assertThat(text).endsWith("\"status\":\"INTERNAL\"}}\r\n\r\n");
  }

  @Test
  void errorOfANativeProviderPassesAsItIs() {
    String body =
        "{\"error\": {\"code\": 429, \"message\": \"Quota\", \"status\": \"RESOURCE_EXHAUSTED\", \"details\": [{\"x\": 1}]}}";
    gateway.respondWith(FakeUpstream.response("429 No", "application/json", body));

    Answer answer = send(NATIVE + "generateContent", REQUEST);

    assertThat(answer.status()).isEqualTo(429);
    assertThat(answer.text()).isEqualTo(body);
  }

  @Test
  void errorInANativeStreamPasses() {
    String error =
        "{\"error\": {\"code\": 503, \"message\": \"Busy\", \"status\": \"UNAVAILABLE\"}}";
    gateway.stream(START + "data: " + error + "\r\n\r\n");

    assertThat(send(NATIVE + "streamGenerateContent?alt=sse", REQUEST).text())
        .isEqualTo(START + "data: " + error + "\r\n\r\n");
  }

  @ParameterizedTest
  @CsvSource({
    "400, INVALID_ARGUMENT",
    "403, PERMISSION_DENIED",
    "404, NOT_FOUND",
    "429, RESOURCE_EXHAUSTED",
    "500, INTERNAL",
    "503, UNAVAILABLE"
  })
  void errorOfAnotherVendorHasTheNameOfItsStatus(int status, String name) {
    gateway.respondWith(
        FakeUpstream.response(
            status + " No", "application/json", "{\"error\": {\"message\": \"Not now.\"}}"));

    Answer answer = send(TRANSLATED + "generateContent", REQUEST);

    assertThat(answer.status()).as(answer.text()).isEqualTo(status);
    JsonNode error = json(answer.text()).path("error");
    assertThat(error.path("code").asInt()).isEqualTo(status);
    assertThat(error.path("status").asString()).isEqualTo(name);
    assertThat(error.path("message").asString()).contains("Not now.");
  }

  @Test
  void retryAdviceIsADetail() {
    gateway.respondWith(
        "HTTP/1.1 429 No\r\nContent-Type: application/json\r\nRetry-After: 7\r\nContent-Length: 2\r\n\r\n{}");

    JsonNode error =
        json(send("/v1beta/models/limited/gpt-x:generateContent", REQUEST).text()).path("error");

    assertThat(error.at("/details/0/@type").asString())
        .isEqualTo("type.googleapis.com/google.rpc.RetryInfo");
    assertThat(error.at("/details/0/retryDelay").asString()).matches("[67]\\.\\d{3}s");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/v1beta/models/no-such:generateContent | 404 | NOT_FOUND | no-such",
        "/v1beta/models/oai/gpt-x:nonsense | 400 | INVALID_ARGUMENT | :generateContent",
        "/v1beta/models/:generateContent | 400 | INVALID_ARGUMENT | name of a model",
        "/v1beta/models/oai/gpt-x:streamGenerateContent | 400 | INVALID_ARGUMENT | alt",
        "/v1beta/nowhere | 404 | NOT_FOUND | ''",
      })
  void refusalsHaveGooglesShape(String path, int status, String name, String message) {
    Answer answer = send(path, REQUEST);

    assertThat(answer.status()).as(answer.text()).isEqualTo(status);
    assertThat(json(answer.text()).at("/error/status").asString()).isEqualTo(name);
    assertThat(json(answer.text()).at("/error/message").asString()).contains(message);
  }

  @Test
  void wrongKeyIsRefusedInGooglesShape() {
    Answer answer =
        TestClient.of(gateway.client().base())
            .post(NATIVE + "generateContent", REQUEST, "x-goog-api-key", "agl_wrong");

    assertThat(answer.status()).isEqualTo(401);
    assertThat(json(answer.text()).at("/error/status").asString()).isEqualTo("UNAUTHENTICATED");
  }

  @Test
  void modelsAreListedInPages() {
    JsonNode first = get("/v1beta/models?pageSize=1");
    assertThat(first.path("models").size()).isEqualTo(1);
    assertThat(first.at("/models/0/name").asString()).startsWith("models/");
    String token = first.path("nextPageToken").asString();
    JsonNode next = get("/v1beta/models?pageSize=1000&pageToken=" + token);
    assertThat(next.has("nextPageToken")).isFalse();
    assertThat(next.path("models").valueStream().map(it -> it.path("name").asString()))
        .doesNotContain(first.at("/models/0/name").asString())
        .contains("models/g/gemini-x");
    assertThat(get("/v1beta/models/g/gemini-x").path("displayName").asString())
        .isEqualTo("g/gemini-x");
  }

  private JsonNode get(String path, String... headers) {
    return json(gateway.client().get(path, headers).text());
  }

  @Test
  void threeListsShareAPath() {
    assertThat(get("/v1/models").path("object").asString()).isEqualTo("list");
    assertThat(get("/v1/models", "anthropic-version", "2023-06-01").has("has_more")).isTrue();
    assertThat(get("/v1/models", "x-goog-api-client", "google-genai-sdk/3").has("models")).isTrue();
  }
}
