package dev.agentlab.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.json.Json;
import dev.agentlab.server.TestClient;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.testing.FakeUpstream;
import java.net.http.HttpHeaders;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Anthropic's API on bytes: what reaches the provider, and what returns.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AnthropicGatewayIT {
  /// https://platform.claude.com/docs/en/api/messages, with members that no one knows.
  private static final String MESSAGE =
      """
      { "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-x", "big": 9007199254740993,
        "content": [ {"type": "text", "text": "Hi"} ], "stop_reason": "end_turn", "stop_sequence": null,
        "usage": {"input_tokens": 19, "output_tokens": 10, "cache_read_input_tokens": 5} }
      """;

  private static final String START =
      """
      event: message_start
      data: {"type":"message_start","message":{"id":"msg_1","content":[],"usage":{"input_tokens":3,"output_tokens":1}}}

      event: content_block_start
      data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

      event: ping
      data: {"type": "ping"}

      event: content_block_delta
      data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi\\u2028"}, "odd": 1.50}

      event: content_block_stop
      data: {"type":"content_block_stop","index":0}

      """;

  private static final String END =
      """
      event: message_delta
      data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2}}

      event: message_stop
      data: {"type":"message_stop"}

      """;

  private static final String REQUEST =
      "{ \"model\": \"claude/claude-x\", \"max_tokens\": 5, \"messages\": [ {\"role\":\"user\",\"content\":\"Hi\"} ], \"odd\": 1.50}";
  private static final String STREAM = REQUEST.replace("\"odd\"", "\"stream\": true, \"odd\"");

  @RegisterExtension private final GatewayFixture gateway = new GatewayFixture();

  @BeforeAll
  void register() {
    gateway.registerProvider("claude", "anthropic", "\"models\": [\"claude-*\", \"claude-x\"], ");
    gateway.registerProvider("oai", "openai", "\"models\": [\"gpt-x\"], ");
    gateway.createAgent(
        "helper",
        """
        "system_prompt": "Be brief.", "provider": "claude", "client": {"retry": {"max_retries": 0}},
        "model": {"name": "claude-x", "capabilities": {"chat": {"temperature": 0.3, "max_tokens": 9, "stop": "END"}}}
        """);
  }

  /// Sends a request as Anthropic's clients do.
  private Answer send(String path, String json, String... headers) {
    return send(gateway.client(), path, json, headers);
  }

  private static Answer send(TestClient client, String path, String json, String... headers) {
    String[] all = new String[headers.length + 2];
    System.arraycopy(headers, 0, all, 2, headers.length);
    all[0] = "anthropic-version";
    all[1] = "2023-06-01";
    return client.post(path, json, all);
  }

  private static JsonNode json(String text) {
    return Json.MAPPER.readTree(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/messages", "/v1/messages?beta=true", "/messages"})
  void nativeBytesPassBothWays(String path) throws Exception {
    gateway.respondWith(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nrequest-id: req_1\r\n"
            + "anthropic-ratelimit-requests-remaining: 7\r\nContent-Length: %d\r\n\r\n%s"
                .formatted(MESSAGE.length(), MESSAGE));

    Answer answer = send(path, REQUEST, "anthropic-beta", "x-1,y-2", "Cookie", "session=1");

    assertThat(answer.text()).isEqualTo(MESSAGE);
    HttpHeaders headers = answer.response().headers();
    assertThat(headers.firstValue("request-id")).contains("req_1");
    assertThat(headers.firstValue("anthropic-ratelimit-requests-remaining")).contains("7");
    assertThat(answer.header("Agent-Lab-Provider")).isEqualTo("claude");
    FakeUpstream.Request sent = gateway.upstream().request();
    assertThat(sent.requestLine()).isEqualTo("POST /v1/messages HTTP/1.1");
    assertThat(sent.body())
        .isEqualTo(
            "{\"model\":\"claude-x\",\"max_tokens\": 5,\"messages\": [ {\"role\":\"user\",\"content\":\"Hi\"} ],\"odd\": 1.50}");
    assertThat(sent.header("anthropic-version")).contains("2023-06-01");
    assertThat(sent.header("anthropic-beta")).contains("x-1,y-2");
    assertThat(sent.header("x-api-key")).contains(GatewayFixture.PROVIDER_KEY);
    assertThat(sent.header("cookie")).isEmpty();
  }

  @Test
  void nativeStreamPasses() {
    gateway.stream(START + END);

    Answer answer = send("/v1/messages", STREAM);

    assertThat(answer.text()).isEqualTo(START + END);
    assertThat(answer.header("content-type")).startsWith("text/event-stream");
  }

  @Test
  void agentAddsItsPromptAndOptionsToTheBytes() throws Exception {
    gateway.respondWith(FakeUpstream.json(MESSAGE));

    Answer answer =
        send(
            "/v1/messages",
            """
            {"model":"helper","max_tokens":5,"system":[{"type":"text","text":"Own.","cache_control":{"type":"ephemeral"}}],\
            "messages":[{"role":"user","content":"Hi", "x": 1.50}]}\
            """);

    assertThat(answer.text()).isEqualTo(MESSAGE);
    assertThat(answer.header("Agent-Lab-Agent")).isEqualTo("helper");
    assertThat(gateway.upstream().request().body())
        .isEqualTo(
            """
            {"model":"claude-x","max_tokens":5,"system":[{"type":"text","text":"Be brief."},\
            {"type":"text","text":"Own.","cache_control":{"type":"ephemeral"}}],\
            "messages":[{"role":"user","content":"Hi", "x": 1.50}],"stop_sequences":["END"],"temperature":0.3}\
            """);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'{\"model\":\"helper\",\"messages\":[]}' | [{\"type\":\"text\",\"text\":\"Be brief.\"}]",
        "'{\"model\":\"helper\",\"system\":\"Own.\",\"messages\":[]}' | [{\"type\":\"text\",\"text\":\"Be brief.\"},{\"type\":\"text\",\"text\":\"Own.\"}]",
      })
  void systemPromptOfTheAgentComesFirst(String request, String system) throws Exception {
    gateway.respondWith(FakeUpstream.json(MESSAGE));

    send("/v1/messages", request);

    JsonNode sent = json(gateway.upstream().request().body());
    assertThat(sent.path("system")).isEqualTo(json(system));
    assertThat(sent.path("max_tokens").asInt()).isEqualTo(9);
  }

  @Test
  void thinkingOfOtherVendorsIsNotSentToAnthropic() throws Exception {
    gateway.respondWith(FakeUpstream.json(MESSAGE));
    String own = "{\"type\":\"thinking\",\"thinking\":\"a\",\"signature\":\"sig\"}";
    String text = "{\"type\":\"text\",\"text\":\"b\"}";

    send(
        "/v1/messages",
        """
        {"model":"claude/claude-x","max_tokens":5,"messages":[{"role":"assistant","content":[%s,\
        {"type":"thinking","thinking":"c","signature":""},{"type":"redacted_thinking","data":"YWdsMS57fQ=="},%s]}]}\
        """
            .formatted(own, text));

    assertThat(gateway.upstream().request().body())
        .isEqualTo(
            "{\"model\":\"claude-x\",\"max_tokens\":5,\"messages\":[{\"role\":\"assistant\",\"content\":[%s,%s]}]}"
                .formatted(own, text));
  }

  @Test
  void otherVendorAnswersAsAMessage() throws Exception {
    gateway.respondWith(
        FakeUpstream.json(
            """
            {"id": "chatcmpl-1", "object": "chat.completion", "created": 5, "model": "gpt-y",
             "choices": [{"index": 0, "message": {"role": "assistant", "content": "So:", "tool_calls": [
               {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{\\"a\\":9007199254740993}"}}]},
               "finish_reason": "tool_calls"}],
             "usage": {"prompt_tokens": 19, "completion_tokens": 10, "total_tokens": 29,
               "prompt_tokens_details": {"cached_tokens": 4}}}\
            """));

    Answer answer =
        send(
            "/v1/messages",
            """
            {"model": "oai/gpt-x", "max_tokens": 5, "system": "Be brief.", "stop_sequences": ["END"],
             "tools": [{"name": "f", "description": "d", "input_schema": {"type": "object"}}], "tool_choice": {"type": "any"},
             "messages": [{"role": "user", "content": [{"type": "text", "text": "Hi", "cache_control": {"type": "ephemeral"}}]}]}\
            """);

    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    JsonNode message = json(answer.text());
    assertThat(message.path("content").toString())
        .isEqualTo(
            "[{\"type\":\"text\",\"text\":\"So:\"},{\"type\":\"tool_use\",\"input\":{\"a\":9007199254740993},\"id\":\"call_1\",\"name\":\"f\"}]");
    assertThat(message.path("stop_reason").asString()).isEqualTo("tool_use");
    assertThat(message.at("/usage/input_tokens").asInt()).isEqualTo(15);
    assertThat(message.at("/usage/cache_read_input_tokens").asInt()).isEqualTo(4);
    assertThat(answer.header("request-id")).isEqualTo(answer.header("Agent-Lab-Request-Id"));
    JsonNode sent = json(gateway.upstream().request().body());
    assertThat(sent.at("/messages/0/role").asString()).isEqualTo("system");
    assertThat(sent.at("/messages/1/content").asString()).isEqualTo("Hi");
    assertThat(sent.at("/tools/0/function/name").asString()).isEqualTo("f");
    assertThat(sent.path("tool_choice").asString()).isEqualTo("required");
    assertThat(sent.at("/stop/0").asString()).isEqualTo("END");
    assertThat(sent.toString()).doesNotContain("cache_control");
  }

  @Test
  void otherVendorStreamsAsAMessage() {
    gateway.stream(
        """
        data: {"id":"c","model":"gpt-y","created":5,"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}

        data: {"id":"c","model":"gpt-y","created":5,"choices":[{"index":0,"delta":{"content":"Hi"}}]}

        data: {"id":"c","model":"gpt-y","created":5,"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

        data: {"id":"c","model":"gpt-y","created":5,"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}}

        data: [DONE]

        """);

    Answer answer =
        send(
            "/v1/messages",
            "{\"model\": \"oai/gpt-x\", \"max_tokens\": 5, \"stream\": true, \"messages\": [{\"role\":\"user\",\"content\":\"Hi\"}]}");

    assertThat(answer.text())
        .contains(
            "event: message_start\n",
            "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hi\"}}\n\n",
            "\"stop_reason\":\"end_turn\"",
            "\"output_tokens\":2")
        .endsWith("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 200, 600})
  void truncatedStreamEndsWithAnErrorEvent(int missing) {
    String stream = START + END;
    gateway.stream(stream.substring(0, START.length() - missing % START.length()));

    String text = send("/v1/messages", STREAM).text();

    if (text.startsWith("{")) {
      assertThat(json(text).at("/error/type").asString()).isEqualTo("api_error");
    } else {
      String lastEvent = text.substring(text.lastIndexOf("event: "));
      assertThat(lastEvent).startsWith("event: error\ndata: {\"type\":\"error\"");
      assertThat(text).doesNotContain("message_stop");
    }
  }

  @Test
  void errorInAStreamPassesAsItIs() {
    String error =
        "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"},\"x\":1}\n\n";
    gateway.stream(START + error);

    assertThat(send("/v1/messages", STREAM).text()).isEqualTo(START + error);
  }

  @Test
  void errorOfANativeProviderPassesAsItIs() {
    String body =
        "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"},\"request_id\":\"req_9\"}";
    gateway.respondWith(FakeUpstream.response("529 Overloaded", "application/json", body));

    Answer answer = send("/v1/messages", REQUEST);

    assertThat(answer.status()).isEqualTo(529);
    assertThat(answer.text()).isEqualTo(body);
    assertThat(answer.header("Agent-Lab-Attempts")).isEqualTo("1");
  }

  @ParameterizedTest
  @CsvSource({
    "400, invalid_request_error",
    "402, billing_error",
    "404, not_found_error",
    "413, request_too_large",
    "429, rate_limit_error",
    "500, api_error",
    "503, overloaded_error"
  })
  void errorOfAnotherVendorHasTheTypeOfItsStatus(int status, String type) {
    gateway.respondWith(
        FakeUpstream.response(
            status + " No", "application/json", "{\"error\": {\"message\": \"Not now.\"}}"));

    // Refused by the reader of the request or answered by the provider: the shape is the same.
    Answer answer =
        send(
            "/v1/messages",
            "{\"model\": \"oai/gpt-x\", \"max_tokens\": 5, \"messages\": [{\"role\":\"user\",\"content\":\"Hi\"}]}");

    assertThat(answer.status()).as(answer.text()).isEqualTo(status);
    JsonNode error = json(answer.text());
    assertThat(error.path("type").asString()).isEqualTo("error");
    assertThat(error.at("/error/type").asString()).isEqualTo(type);
    assertThat(error.at("/error/message").asString()).contains("Not now.");
    assertThat(error.path("request_id").asString()).isEqualTo(answer.header("request-id"));
  }

  @ParameterizedTest
  @CsvSource({
    "context_length_exceeded, Please reduce the length of the messages.",
    ", 'This model''s maximum context length is 8192 tokens. However, you requested 9000 tokens.'",
    ", 'Prompt contains 33000 tokens, too large for model with 32768 maximum context length'",
    "exceed_context_size_error, the request exceeds the available context size",
    ", Prompt is too long: 9 tokens > 8 maximum"
  })
  void overflowOfAnotherVendorIsRecognizedByClaudeCode(@Nullable String code, String message) {
    gateway.respondWith(
        FakeUpstream.response(
            "400 No",
            "application/json",
            Json.MAPPER.writeValueAsString(
                Map.of("error", Map.of("message", message, "code", code == null ? "" : code)))));

    Answer answer = send("/v1/messages", REQUEST.replace("claude/claude-x", "oai/gpt-x"));

    assertThat(answer.status()).as(answer.text()).isEqualTo(400);
    assertThat(json(answer.text()).at("/error/message").asString())
        .containsOnlyOnce("rompt is too long")
        .contains(message);
  }

  @Test
  void refusalsHaveAnthropicsShape() {
    Answer unknown = send("/v1/messages", REQUEST.replace("claude/claude-x", "no-such"));
    assertThat(unknown.status()).isEqualTo(404);
    assertThat(json(unknown.text()).at("/error/type").asString()).isEqualTo("not_found_error");

    Answer anonymous = send(gateway.client().as("agl_wrong"), "/v1/messages", REQUEST);
    assertThat(anonymous.status()).isEqualTo(401);
    assertThat(json(anonymous.text()).at("/error/type").asString())
        .isEqualTo("authentication_error");
    assertThat(json(anonymous.text()).path("request_id").asString())
        .isEqualTo(anonymous.header("request-id"));

    Answer nowhere = send("/v1/nowhere", "{}");
    assertThat(nowhere.status()).isEqualTo(404);
    assertThat(json(nowhere.text()).path("type").asString()).isEqualTo("error");
  }

  @Test
  void tokensAreCountedByTheProvider() throws Exception {
    gateway.respondWith(FakeUpstream.json("{\"input_tokens\": 7}"));

    Answer answer =
        send("/v1/messages/count_tokens", "{\"model\": \"claude/claude-x\", \"messages\": []}");

    assertThat(answer.text()).isEqualTo("{\"input_tokens\": 7}");
    assertThat(gateway.upstream().request().requestLine())
        .isEqualTo("POST /v1/messages/count_tokens HTTP/1.1");
  }

  @Test
  void tokensOfAnAgentIncludeItsPrompt() throws Exception {
    gateway.respondWith(FakeUpstream.json("{\"input_tokens\": 9}"));

    Answer answer = send("/v1/messages/count_tokens", "{\"model\": \"helper\", \"messages\": []}");

    assertThat(answer.header("Agent-Lab-Agent")).isEqualTo("helper");
    assertThat(gateway.upstream().request().body())
        .isEqualTo(
            "{\"model\":\"claude-x\",\"messages\": [],\"system\":[{\"type\":\"text\",\"text\":\"Be brief.\"}]}");
  }

  @Test
  void tokensAreEstimatedForOtherProviders() {
    Answer answer =
        send(
            "/v1/messages/count_tokens",
            """
            {"model": "oai/gpt-x", "system": "Be brief.",
             "tools": [{"name": "get_weather", "input_schema": {"type": "object"}}],
             "messages": [{"role": "user", "content": "The quick brown fox jumps over the lazy dog."}]}\
            """);

    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    assertThat(json(answer.text()).path("input_tokens").asInt()).isBetween(20, 60);
    assertThat(answer.header("Agent-Lab-Warnings")).contains("estimate");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/api/hello"})
  void serviceAnswersToProbesOfClients(String path) {
    assertThat(TestClient.of(gateway.client().base()).get(path).status()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource({
    "limit=0, limit",
    "limit=1001, limit",
    "limit=x, limit",
    "after_id=%ff, after_id",
    "before_id=a&before_id=b, before_id"
  })
  void invalidPageOfModelsIsAnError(String query, String name) {
    Answer answer = gateway.client().get("/v1/models?" + query, "anthropic-version", "2023-06-01");

    assertThat(answer.status()).isEqualTo(400);
    assertThat(json(answer.text()).at("/error/message").asString()).contains(name);
  }

  @Test
  void modelsAreListedInPages() {
    TestClient client = gateway.client();
    Map<String, String> version = Map.of("anthropic-version", "2023-06-01");

    JsonNode first = get(client, "/v1/models?limit=1", version);
    assertThat(get(client, "/v1/models?odd=%ff&limit=1", version)).isEqualTo(first);
    assertThat(first.path("data").size()).isEqualTo(1);
    assertThat(first.path("has_more").asBoolean()).isTrue();
    assertThat(first.at("/data/0/type").asString()).isEqualTo("model");
    assertThat(first.at("/data/0/created_at").asString()).endsWith("Z");
    String last = first.path("last_id").asString();
    JsonNode next = get(client, "/v1/models?limit=1000&after_id=" + last, version);
    assertThat(next.path("has_more").asBoolean()).isFalse();
    assertThat(next.path("data").valueStream().map(it -> it.path("id").asString()))
        .doesNotContain(last)
        .contains("claude/claude-x");
    assertThat(get(client, "/v1/models/claude/claude-x", version).path("display_name").asString())
        .isEqualTo("claude/claude-x");
    assertThat(get(client, "/v1/models", Map.of()).path("object").asString()).isEqualTo("list");
  }

  private static JsonNode get(TestClient client, String path, Map<String, String> headers) {
    String[] fields =
        headers.entrySet().stream()
            .flatMap(it -> java.util.stream.Stream.of(it.getKey(), it.getValue()))
            .toArray(String[]::new);
    return json(client.get(path, fields).text());
  }
}
