package dev.agentlab.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.http.RawHttpConnection;
import dev.agentlab.json.Json;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.testing.Await;
import dev.agentlab.testing.FakeUpstream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// OpenAI's API on bytes: what reaches the provider, and what returns.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OpenAiGatewayIT {
  /// https://platform.openai.com/docs/api-reference/chat/object, with members that no one knows.
  private static final String COMPLETION =
      """
      { "id": "chatcmpl-1", "object": "chat.completion", "created": 1741569952,
        "model": "gpt-4.1-2025-04-14", "big": 9007199254740993, "odd": 1.50,
        "choices": [ {"index": 0, "message": {"role": "assistant", "content": "Hi"},
          "finish_reason": "stop"} ],
        "usage": {"prompt_tokens": 19, "completion_tokens": 10, "total_tokens": 29} }
      """;

  private static final String CHUNK =
      "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\u2028\"}}], \"odd\":1.50}\n\n";
  private static final String END =
      "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
  private static final String USAGE =
      "data: {\"id\":\"c\",\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}\n\n";
  private static final String DONE = "data: [DONE]\n\n";

  private static final String CHAT =
      "{ \"model\": \"oai/gpt-4.1\", \"messages\": [ {\"role\":\"user\",\"content\":\"Hi\"} ], \"odd\": 1.50}";
  private static final String STREAM = CHAT.replace("\"odd\"", "\"stream\": true, \"odd\"");

  @RegisterExtension private final GatewayFixture gateway = new GatewayFixture();

  @BeforeAll
  void register() {
    gateway.registerProvider("oai", "openai", "\"models\": [\"gpt-*\", \"o/x\", \"only-oai\"], ");
    gateway.registerProvider("second", "openai", "\"models\": [\"o/x\"], \"priority\": -1, ");
    gateway.registerProvider("claude", "anthropic", "\"models\": [\"claude-*\"], ");
    gateway.createAgent(
        "helper",
        """
        "system_prompt": "Be brief.", "provider": "oai", "client": {"retry": {"max_retries": 0}},
        "model": {"name": "gpt-4.1", "capabilities": {"chat": {"temperature": 0.3, "max_tokens": 9}}}
        """);
    gateway.createAgent(
        "retrier",
        """
        "provider": "oai", "client": {"retry": {"max_retries": 1, "initial_backoff": "1ms"}},
        "model": {"name": "gpt-broken", "capabilities": {"chat": {}}}
        """);
  }

  private Answer chat(String json, String... headers) {
    return gateway.client().post("/v1/chat/completions", json, headers);
  }

  @Test
  void nativeBytesPassBothWays() throws Exception {
    gateway.respondWith(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nx-request-id: req_1\r\n"
            + "openai-processing-ms: 5\r\nConnection: x-hop\r\nx-hop: 1\r\nSet-Cookie: a=b\r\n"
            + "Content-Length: %d\r\n\r\n%s".formatted(COMPLETION.length(), COMPLETION));

    Answer answer = chat(CHAT, "OpenAI-Beta", "x=1", "X-Internal", "secret", "Cookie", "session=1");

    assertThat(answer.text()).isEqualTo(COMPLETION);
    assertThat(answer.header("x-request-id")).isEqualTo("req_1");
    assertThat(answer.header("openai-processing-ms")).isEqualTo("5");
    assertThat(answer.header("Agent-Lab-Provider")).isEqualTo("oai");
    assertThat(answer.header("Agent-Lab-Model")).isEqualTo("gpt-4.1");
    assertThat(answer.header("Agent-Lab-Attempts")).isEqualTo("1");
    assertThat(answer.header("Agent-Lab-Request-Id")).isNotEmpty().isNotEqualTo("req_1");
    assertThat(answer.response().headers().map()).doesNotContainKeys("x-hop", "set-cookie");
    FakeUpstream.Request sent = gateway.upstream().request();
    assertThat(sent.requestLine()).isEqualTo("POST /v1/chat/completions HTTP/1.1");
    assertThat(sent.body())
        .isEqualTo(
            "{\"model\":\"gpt-4.1\",\"messages\": [ {\"role\":\"user\",\"content\":\"Hi\"} ],\"odd\": 1.50}");
    assertThat(sent.header("openai-beta")).contains("x=1");
    assertThat(sent.header("authorization")).contains("Bearer " + GatewayFixture.PROVIDER_KEY);
    assertThat(sent.header("x-internal")).isEmpty();
    assertThat(sent.header("cookie")).isEmpty();
  }

  @Test
  void nativeStreamPassesAndItsUsageIsHiddenUnlessRequested() throws Exception {
    gateway.stream(CHUNK + END + USAGE + DONE);

    assertThat(chat(STREAM).text()).isEqualTo(CHUNK + END + DONE);
    assertThat(Json.MAPPER.readTree(gateway.upstream().request().body()).at("/stream_options"))
        .isEqualTo(Json.MAPPER.readTree("{\"include_usage\":true}"));

    String asking =
        STREAM.replace("\"odd\"", "\"stream_options\": {\"include_usage\": true}, \"odd\"");
    assertThat(chat(asking).text()).isEqualTo(CHUNK + END + USAGE + DONE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/chat/completions", "/chat/completions"})
  void baseUrlMayLackTheVersion(String path) {
    gateway.respondWith(FakeUpstream.json(COMPLETION));

    assertThat(gateway.client().post(path, CHAT).text()).isEqualTo(COMPLETION);
  }

  @Test
  void agentAddsItsPromptAndOptionsToTheBytes() throws Exception {
    gateway.respondWith(FakeUpstream.json(COMPLETION));

    Answer answer =
        chat(
            """
            {"model":"helper","messages":[{"role":"user","content":"Hi", "x": 1.50}],"max_completion_tokens":5}\
            """);

    assertThat(answer.text()).isEqualTo(COMPLETION);
    assertThat(answer.header("Agent-Lab-Agent")).isEqualTo("helper");
    assertThat(answer.header("Agent-Lab-Revision")).isEqualTo("1");
    assertThat(gateway.upstream().request().body())
        .isEqualTo(
            """
            {"model":"gpt-4.1","messages":[{"role":"system","content":"Be brief."},\
            {"role":"user","content":"Hi", "x": 1.50}],"max_completion_tokens":5,"temperature":0.3}\
            """);
  }

  @Test
  void bareNameMeansThePreferredProvider() {
    gateway.respondWith(FakeUpstream.json(COMPLETION));

    for (int i = 0; i < 2; i++) {
      assertThat(chat(CHAT.replace("oai/gpt-4.1", "o/x")).header("Agent-Lab-Provider"))
          .isEqualTo("oai");
    }
    assertThat(chat(CHAT.replace("oai/gpt-4.1", "only-oai")).header("Agent-Lab-Model"))
        .isEqualTo("only-oai");
    assertThat(chat(CHAT.replace("oai/gpt-4.1", "second/o/x")).header("Agent-Lab-Provider"))
        .isEqualTo("second");
  }

  @Test
  void unusableConfigurationIsNoErrorOfTheClient() {
    gateway.register("broken", "{\"name\": \"ollama\", \"base_url\": \"http://10.0.0.1\"}");
    gateway.createAgent("follower", "\"provider\": \"broken\", \"model\": {\"name\": \"m\"}");
    gateway
        .server()
        .execute(
            """
            UPDATE providers SET config = jsonb_set(config, '{base_url}', '"gopher://10.0.0.1"')
            WHERE name = 'broken'\
            """);

    for (String model : List.of("follower", "broken/m")) {
      Await.value(503, () -> chat(CHAT.replace("oai/gpt-4.1", model)).status());
      // Also once the rows are in memory.
      for (int i = 0; i < 5; i++) {
        Answer answer = chat(CHAT.replace("oai/gpt-4.1", model));
        assertError(answer, 503, "unavailable");
        assertThat(answer.text()).doesNotContain("10.0.0.1");
      }
    }
  }

  @Test
  void unreadableSecretHidesNoModelsOfOthers() {
    gateway.registerProvider("sealed", "openai", "");
    gateway
        .server()
        .execute(
            """
            UPDATE providers SET config = jsonb_set(config, '{base_url}', '"https://other.example"')
            WHERE name = 'sealed'\
            """);

    for (int i = 0; i < 3; i++) {
      assertError(chat(CHAT.replace("oai/gpt-4.1", "absent")), 404, "model_not_found");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "oai/claude-3, ''",
    "unknown/gpt-4.1, ''",
    "helpr, Did you mean `helper`?",
    "oai/only-oia, Did you mean `oai/only-oai`?"
  })
  void unknownModelIsNamedWithNearNames(String model, String hint) {
    Answer answer = chat(CHAT.replace("oai/gpt-4.1", model));

    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.json().at("/error/code").asString()).isEqualTo("model_not_found");
    assertThat(answer.json().at("/error/param").asString()).isEqualTo("model");
    assertThat(answer.json().at("/error/message").asString())
        .contains("`%s` does not exist".formatted(model))
        .endsWith(hint);
  }

  @Test
  void errorOfANativeProviderPassesAsItIsWithoutSecrets() {
    String error = "{ \"error\": {\"message\": \"slow\", \"code\": \"x\"}, \"odd\": 1.50 }";
    gateway.respondWith(
        "HTTP/1.1 429 Slow\r\nContent-Type: application/json\r\nretry-after-ms: 1500\r\n"
            + "x-should-retry: true\r\nx-request-id: req_9\r\nContent-Length: %d\r\n\r\n%s"
                .formatted(error.length(), error));

    Answer answer = chat(CHAT.replace("gpt-4.1", "gpt-limited"));

    assertThat(answer.status()).isEqualTo(429);
    assertThat(answer.text()).isEqualTo(error);
    assertThat(answer.header("retry-after-ms")).isEqualTo("1500");
    assertThat(answer.header("x-should-retry")).isEqualTo("true");
    assertThat(answer.header("x-request-id")).isEqualTo("req_9");
    assertThat(answer.header("Agent-Lab-Model")).isEqualTo("gpt-limited");

    gateway.respondWith(
        FakeUpstream.response(
            "401 No",
            "application/json",
            "{\"error\":{\"message\":\"bad key %s\"}}".formatted(GatewayFixture.PROVIDER_KEY)));
    assertThat(chat(CHAT).text()).isEqualTo("{\"error\":{\"message\":\"bad key ***\"}}");
  }

  @ParameterizedTest
  @CsvSource({
    "400, invalid_request_error, prompt is too long: 9 tokens > 8 maximum, context_length_exceeded",
    "404, not_found_error, model: claude-x, model_not_found",
    "413, request_too_large, Request too large, request_too_large",
    "429, rate_limit_error, slow down, rate_limit_exceeded",
    "529, overloaded_error, Overloaded, overloaded",
  })
  void errorOfAnotherVendorHasItsStatusAndMessage(
      int status, String type, String message, String code) {
    // https://platform.claude.com/docs/en/api/errors
    gateway.respondWith(
        FakeUpstream.response(
            status + " X",
            "application/json",
            "{\"type\":\"error\",\"error\":{\"type\":\"%s\",\"message\":\"%s\"}}"
                .formatted(type, message)));

    Answer answer = chat(CHAT.replace("oai/gpt-4.1", "claude/claude-" + status));

    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.json().at("/error/message").asString()).isEqualTo(message);
    assertThat(answer.json().at("/error/code").asString()).isEqualTo(code);
    assertThat(answer.header("x-request-id")).isEqualTo(answer.header("Agent-Lab-Request-Id"));
  }

  @ParameterizedTest
  @CsvSource({
    "/v1/chat/completions, oai/gpt-broken, oai, gpt-broken, '', 1",
    "/v1/chat/completions, claude/claude-broken, claude, claude-broken, '', 1",
    "/v1/chat/completions, retrier, oai, gpt-broken, retrier, 2",
    "/v1/moderations, oai/gpt-broken, oai, gpt-broken, '', 1",
    "/proxy/oai/anything, '', oai, '', '', 1",
  })
  void failedCallHasTheHeaderFieldsOfASuccess(
      String path, String model, String provider, String called, String agent, String attempts) {
    gateway.setScript((_, out) -> out.close());

    Answer answer = gateway.client().post(path, CHAT.replace("oai/gpt-4.1", model));

    assertThat(answer.status()).isEqualTo(502);
    assertThat(answer.header("Agent-Lab-Provider")).isEqualTo(provider);
    assertThat(answer.header("Agent-Lab-Model")).isEqualTo(called);
    assertThat(answer.header("Agent-Lab-Attempts")).isEqualTo(attempts);
    assertThat(answer.header("Agent-Lab-Agent")).isEqualTo(agent);
    assertThat(answer.header("Agent-Lab-Revision")).isEqualTo(agent.isEmpty() ? "" : "1");
    assertThat(answer.header("Agent-Lab-Request-Id")).isNotEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "oai/gpt-4.1   | {\"error\":{\"message\":\"slow\",\"code\":429}}           | 429",
        "oai/gpt-4.1   | {\"error\":{\"message\":\"full\",\"code\":\"503\"}}         | 503",
        "oai/gpt-4.1   | {\"error\":{\"message\":\"odd\",\"code\":200}}            | 502",
        "oai/gpt-4.1   | {\"error\":{\"message\":\"odd\",\"type\":\"odd\"}}          | 502",
        "oai/gpt-e1    | {\"error\":{\"message\":\"m\",\"type\":\"tokens\",\"code\":\"rate_limit_exceeded\"}} | 429",
        "oai/gpt-e2    | {\"error\":{\"message\":\"m\",\"code\":\"server_is_overloaded\"}}   | 503",
        "oai/gpt-e3    | {\"error\":{\"message\":\"m\",\"code\":\"insufficient_quota\"}}     | 429",
        "oai/gpt-e4    | {\"error\":{\"message\":\"m\",\"code\":\"invalid_prompt\"}}         | 400",
        "claude/claude-1 | {\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\"}} | 400",
        "claude/claude-2 | {\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\"}}      | 429",
        "claude/claude-3 | {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\"}}      | 503",
      })
  void errorWithStatus200HasTheStatusThatItNames(String model, String error, int status) {
    gateway.respondWith(FakeUpstream.json(error));

    Answer answer = chat(CHAT.replace("oai/gpt-4.1", model));

    assertThat(answer.status()).as(answer.text()).isEqualTo(status);
  }

  @Test
  void deploymentOfAzureIsItsOnlyModel() throws Exception {
    gateway.respondWith(FakeUpstream.json(COMPLETION));
    gateway.register(
        "az",
        """
        {"name": "azure", "base_url": "%s", "options": {"deployment": "ours", "token": "%s",
         "auth_type": "api_key", "api_version": "2024-10-21"}}
        """
            .formatted(gateway.upstream().url("/openai"), GatewayFixture.PROVIDER_KEY));

    assertThat(chat(CHAT.replace("oai/gpt-4.1", "az/ours")).status()).isEqualTo(200);
    FakeUpstream.Request sent = gateway.upstream().request();
    assertThat(sent.requestLine()).contains("/openai/deployments/ours/chat/completions");
    for (int i = 0; i < 2; i++) {
      assertThat(chat(CHAT.replace("oai/gpt-4.1", "az/theirs")).status()).isEqualTo(404);
    }
  }

  @Test
  void adviceOfAnotherVendorAgainstRetriesPasses() {
    gateway.respondWith(
        "HTTP/1.1 500 Broken\r\nx-should-retry: false\r\nContent-Length: 0\r\n\r\n");

    Answer answer = chat(CHAT.replace("oai/gpt-4.1", "claude/claude-no-retry"));

    assertThat(answer.status()).isEqualTo(500);
    assertThat(answer.header("x-should-retry")).isEqualTo("false");
  }

  @Test
  void statusIsNoErrorCode() {
    // https://ai.google.dev/gemini-api/docs/troubleshooting
    gateway.respondWith(
        FakeUpstream.response(
            "400 Bad",
            "application/json",
            "{\"error\":{\"code\":400,\"message\":\"bad\",\"status\":\"INVALID_ARGUMENT\"}}"));

    Answer answer = chat(CHAT.replace("oai/gpt-4.1", "claude/claude-code"));

    assertError(answer, 400, "refused");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 10, 60})
  void truncatedStreamEndsWithAnError(int missing) {
    String complete = CHUNK + CHUNK + END;
    String sent = complete.substring(0, complete.length() - END.length() - missing);
    gateway.stream(sent);

    String text = chat(STREAM).text();

    assertThat(text).startsWith(CHUNK).doesNotContain("[DONE]");
    JsonNode last = lastEvent(text);
    assertThat(last.at("/error/type").asString()).isEqualTo("server_error");
    assertThat(last.at("/error/message").asString()).contains("before the response was complete");
  }

  @Test
  void errorInAStreamPassesAsItIs() {
    String error =
        "{\"error\":{\"message\":\"m\",\"type\":\"t\",\"param\":null,\"code\":\"c\"},\"odd\":1.50}";
    gateway.stream(CHUNK + "data: " + error + "\n\n");

    assertThat(chat(STREAM).text()).isEqualTo(CHUNK + "event: error\ndata: " + error + "\n\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{\"object\":\"error\",\"message\":\"m\"}", "{\"error\":{}}", "{\"error\":\"\"}"})
  void errorThatClientsWouldIgnoreBecomesOne(String data) {
    gateway.stream(CHUNK + "data: " + data + "\n\n");

    String text = chat(STREAM).text();

    assertThat(text).startsWith(CHUNK).doesNotContain("[DONE]");
    assertThat(lastEvent(text).at("/error/message").asString()).isNotEmpty();
  }

  private static JsonNode lastEvent(String text) {
    String last = "event: error\ndata: ";
    return Json.MAPPER.readTree(text.substring(text.lastIndexOf(last) + last.length()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GET | /v1/chat/completions | 405 | method_not_supported",
        "GET | /chat/completions | 405 | method_not_supported",
        "GET | /v1/nothing | 404 | unknown_url",
        "POST | /v1/nothing | 404 | unknown_url",
      })
  void routingErrorsHaveOpenAisShape(String method, String path, int status, String code) {
    Answer answer =
        method.equals("GET") ? gateway.client().get(path) : gateway.client().post(path, "{}");

    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.json().at("/error/code").asString()).isEqualTo(code);
    assertThat(answer.header("content-type")).isEqualTo("application/json");
  }

  @Test
  void rejectedBodiesHaveOpenAisShape() {
    assertError(chat("{"), 400, "");
    assertError(chat("{\"model\":\"oai/gpt-4.1\",\"model\":\"x\"}"), 400, "");
    assertThat(chat("{\"messages\":[]}").json().at("/error/param").asString()).isEqualTo("model");
    assertError(
        gateway.client().post("/v1/chat/completions", new byte[] {'{', '}'}, "text/plain"),
        415,
        "unsupported_content_type");
    assertError(gateway.client().withoutKey().get("/v1/models"), 401, "invalid_api_key");
    assertError(
        gateway.clientWithScopes("agents:read").get("/v1/models"), 403, "insufficient_permissions");
  }

  private static void assertError(Answer answer, int status, String code) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(status);
    assertThat(answer.json().at("/error/message").asString()).isNotEmpty();
    assertThat(answer.json().at("/error/code").asString("")).isEqualTo(code);
  }

  @Test
  void narrowKeyReachesOnlyItsModels() {
    gateway.respondWith(FakeUpstream.json(COMPLETION));
    var ofModel = gateway.clientWithScopes("invoke:model/oai/gpt-4*");
    var ofAgent = gateway.clientWithScopes("invoke:agent/helper");
    var ofProvider = gateway.clientWithScopes("invoke:provider/second");
    String path = "/v1/chat/completions";
    String toAgent = CHAT.replace("oai/gpt-4.1", "helper");

    assertThat(ofModel.post(path, CHAT).status()).isEqualTo(200);
    assertThat(ofModel.post(path, CHAT.replace("gpt-4.1", "gpt-5")).status()).isEqualTo(404);
    assertThat(ofModel.post(path, toAgent).status()).isEqualTo(404);
    assertThat(ofModel.post(path, CHAT.replace("oai/gpt-4.1", "o/x")).status()).isEqualTo(404);
    assertThat(
            ofModel
                .post(path, CHAT.replace("\"odd\"", "\"models\": [\"gpt-5\"], \"odd\""))
                .status())
        .isEqualTo(404);
    assertThat(ofAgent.post(path, toAgent).status()).isEqualTo(200);
    assertThat(ofAgent.post(path, CHAT).status()).isEqualTo(404);
    assertThat(ofProvider.post(path, CHAT.replace("oai/gpt-4.1", "second/o/x")).status())
        .isEqualTo(200);
    assertThat(ofProvider.post(path, CHAT).status()).isEqualTo(404);
    assertThat(ids(ofAgent.get("/v1/models"))).containsExactly("helper");
    assertThat(ids(ofProvider.get("/v1/models"))).containsExactly("second/o/x");
  }

  private static List<String> ids(Answer list) {
    return list.json().get("data").valueStream().map(it -> it.get("id").asString()).toList();
  }

  @Test
  void modelsAreListedAndFound() {
    gateway.respondWith(
        FakeUpstream.json("{\"data\":[{\"id\":\"gpt-4.1\",\"created\":5},{\"id\":\"hidden\"}]}"));

    assertThat(ids(gateway.client().get("/v1/models")))
        .startsWith("helper")
        .contains("oai/only-oai", "oai/o/x", "second/o/x")
        .doesNotContain("oai/hidden", "gpt-4.1");
    for (String path :
        new String[] {"/v1/models/oai%2Fo%2Fx", "/models/oai/o/x", "/v1/models/o%2Fx"}) {
      Answer found = gateway.client().get(path);
      assertThat(found.status()).as(path).isEqualTo(200);
      assertThat(found.json().get("id").asString()).isEqualTo("oai/o/x");
    }
    assertError(gateway.client().get("/v1/models/nothing"), 404, "model_not_found");
  }

  @Test
  void agentHasTheLimitsOfItsModel() throws Exception {
    String models =
        "{\"data\":[{\"id\":\"m\",\"context_window\":8192,\"max_completion_tokens\":512}]}";
    try (FakeUpstream limited = FakeUpstream.start(FakeUpstream.json(models))) {
      gateway.registerProvider("limited", limited);
      gateway.createAgent(
          "limited-agent",
          "\"provider\": \"limited\", \"model\": {\"name\": \"m\", \"capabilities\": {\"chat\": {}}}");
      gateway.createAgent(
          "unlimited-agent",
          "\"provider\": \"limited\", \"model\": {\"name\": \"n\", \"capabilities\": {\"chat\": {}}}");

      JsonNode agent = gateway.client().get("/v1/models/limited-agent").json();

      assertThat(agent.path("kind").asString()).isEqualTo("agent");
      assertThat(agent.path("context_length").asInt()).isEqualTo(8192);
      assertThat(agent.path("max_output_tokens").asInt()).isEqualTo(512);
      assertThat(gateway.client().get("/v1/models/unlimited-agent").json().has("context_length"))
          .isFalse();
      for (String path :
          List.of("agents/limited-agent", "agents/unlimited-agent", "providers/limited")) {
        assertThat(gateway.server().client().delete("/api/" + path).status()).isEqualTo(204);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void clientDisconnectCancelsTheCallBeforeTheFirstByte(boolean stream) throws Exception {
    gateway.setScript((_, _) -> FakeUpstream.pause(Duration.ofSeconds(20)));
    try (RawHttpConnection client = new RawHttpConnection(gateway.client().base().getPort())) {
      client.send(
          "POST /v1/chat/completions HTTP/1.1\r\nContent-Type: application/json\r\nX-Api-Key: "
              + gateway.server().adminKey(),
          stream ? STREAM : CHAT);
      gateway.upstream().request();
    }

    assertThat(gateway.upstream().disconnect()).isPositive();
  }

  @Test
  void bodyIsLimited() {
    byte[] large = new byte[(32 << 20) + 1];
    byte[] start = "{\"model\":\"".getBytes(StandardCharsets.UTF_8);
    System.arraycopy(start, 0, large, 0, start.length);

    assertError(
        gateway.client().post("/v1/chat/completions", large, "application/json"),
        413,
        "request_too_large");
  }
}
