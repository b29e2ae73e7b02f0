package dev.agentlab.agents.run;

import static dev.agentlab.agents.AgentApi.body;
import static dev.agentlab.agents.AgentApi.id;
import static dev.agentlab.agents.AgentApi.unique;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.agents.AgentApi;
import dev.agentlab.http.Wire;
import dev.agentlab.json.Json;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.server.TestServer;
import dev.agentlab.upstream.FakeUpstream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// Agents as callers run them: over HTTP, against an upstream whose every byte the test says.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AgentRunsIT {
  private static final String KEY = "sk-canary-0123456789abcdef";
  private static final String SAID =
      """
      {"id":"c1", "choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},\
      "finish_reason":"stop"}], "odd":1.50}\
      """;
  private static final String CHUNK =
      "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"H\"},\"finish_reason\":null}]}\n\n";
  private static final String STREAM =
      CHUNK
          + "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
          + "data: {\"choices\":[],\"usage\":{\"total_tokens\":3}}\n\n"
          + "data: [DONE]\n\n";

  private final TestServer server = new TestServer();
  private final AgentApi api = new AgentApi(server);
  private final AtomicReference<FakeUpstream.Script> script = new AtomicReference<>(answer(SAID));
  private final FakeUpstream upstream =
      FakeUpstream.answering((request, out) -> script.get().answer(request, out));

  @BeforeAll
  void start() {
    server.start();
  }

  /// What another test left behind must not be taken for this one's.
  @BeforeEach
  void forget() throws InterruptedException {
    while (!upstream.isIdle()) {
      upstream.request();
    }
  }

  @AfterAll
  void stop() throws IOException {
    server.stop();
    upstream.close();
  }

  @Test
  void chatAsksTheModelAsTheAgentAndTheCallerSayTogether() throws Exception {
    script.set(answer(SAID));
    String agent = agent("\"chat\": {\"temperature\": 0.70, \"top_p\": 1}", "Be brief.");

    Answer answer =
        chat(agent, "{\"prompt\": \"Hello\", \"options\": {\"top_p\": 0.5, \"x\": [1]}}");

    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    assertThat(answer.text()).isEqualTo(SAID);
    FakeUpstream.Request request = upstream.request();
    assertThat(request.header("Authorization")).contains("Bearer " + KEY);
    assertThat(request.body()).contains("\"temperature\":0.70,");
    assertThat(json(request))
        .isEqualTo(
            Json.MAPPER.readTree(
                """
                {"model": "llama3.2", "temperature": 0.70, "top_p": 0.5, "x": [1],
                 "messages": [{"role": "system", "content": "Be brief."},
                              {"role": "user", "content": "Hello"}]}
                """));
  }

  @Test
  void answersNameProviderModelAndRevision() throws Exception {
    script.set(answer(SAID));
    String name = unique("Zürich 100%");
    String provider = provider(name);
    String agent = following(provider, "\"chat\": {}");

    Answer answer = chat(agent, "{\"prompt\": \"Hello\"}");
    upstream.request();

    assertThat(answer.header("Agent-Lab-Provider"))
        .isEqualTo(name.replace("%", "%25").replace("ü", "%C3%BC"));
    assertThat(answer.header("Agent-Lab-Model")).isEqualTo("llama3.2");
    assertThat(answer.header("Agent-Lab-Revision")).isEqualTo("1");
    assertThat(answer.header("Agent-Lab-Attempts")).isEqualTo("1");
  }

  @Test
  void aConversationTakesThePlaceOfAPrompt() throws Exception {
    script.set(answer(SAID));
    String messages =
        "[{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"assistant\",\"content\":\"b\","
            + "\"reasoning_content\":\"kept\"},{\"role\":\"user\",\"content\":\"c\"}]";

    chat(agent("\"chat\": {}", ""), "{\"messages\": %s}".formatted(messages));

    assertThat(json(upstream.request()).get("messages")).isEqualTo(Json.MAPPER.readTree(messages));
  }

  @Test
  void aStreamComesAsTheProviderSendsItUsageIncluded() throws Exception {
    script.set(stream(STREAM));
    String agent = agent("\"chat\": {}", "");

    Answer answer =
        api.client().post("/api/agents/%s/chat/stream".formatted(agent), "{\"prompt\": \"Hi\"}");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.header("Content-Type")).isEqualTo("text/event-stream");
    assertThat(answer.header("Agent-Lab-Model")).isEqualTo("llama3.2");
    assertThat(answer.text()).isEqualTo(STREAM);
    JsonNode asked = json(upstream.request());
    assertThat(asked.at("/stream").booleanValue()).isTrue();
    assertThat(asked.at("/stream_options/include_usage").booleanValue()).isTrue();
  }

  @Test
  void aStreamThatIsCutOffEndsInAnErrorEvent() throws Exception {
    script.set(stream(CHUNK));
    String agent = agent("\"chat\": {}", "");

    Answer answer =
        api.client().post("/api/agents/%s/chat/stream".formatted(agent), "{\"prompt\": \"Hi\"}");
    upstream.request();

    assertThat(answer.text()).startsWith(CHUNK + "event: error\ndata: {").doesNotContain("[DONE]");
  }

  @ParameterizedTest
  @CsvSource({"chat", "chat/stream"})
  void aCallerThatLeavesBeforeTheAnswerEndsTheCall(String what) throws Exception {
    script.set((_, _) -> {});
    String agent = agent("\"chat\": {}", "");
    try (Wire wire = new Wire(server.client().base().getPort())) {
      wire.send(
          "POST /api/agents/%s/%s HTTP/1.1\r\nContent-Type: application/json\r\nX-Api-Key: %s"
              .formatted(agent, what, server.adminKey()),
          "{\"prompt\": \"Hi\"}");
      int connection = upstream.request().connection();
      wire.socket().close();

      awaitDisconnect(connection);
    }
  }

  @Test
  void aCallerThatLeavesInTheMiddleEndsTheStream() throws Exception {
    script.set((_, out) -> {
      write(out, FakeUpstream.events());
      while (true) {
        write(out, CHUNK);
        FakeUpstream.pause(java.time.Duration.ofMillis(5));
      }
    });
    String agent = agent("\"chat\": {}", "");
    try (Wire wire = new Wire(server.client().base().getPort())) {
      wire.send(
          "POST /api/agents/%s/chat/stream HTTP/1.1\r\nContent-Type: application/json\r\nX-Api-Key: %s"
              .formatted(agent, server.adminKey()),
          "{\"prompt\": \"Hi\"}");
      int connection = upstream.request().connection();
      assertThat(wire.head().status()).isEqualTo(200);
      assertThat(wire.chunk()).startsWith(CHUNK);
      wire.socket().close();

      awaitDisconnect(connection);
    }
  }

  @Test
  void imagesAreKnownByTheirContent() throws Exception {
    script.set(answer(SAID));
    String agent = agent("\"vision\": {\"detail\": \"low\"}", "");

    Answer answer = vision(agent, "photo.txt", VisionForm.PNG);

    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    JsonNode content = json(upstream.request()).at("/messages/0/content");
    assertThat(content.at("/0/text").stringValue()).isEqualTo("What is it?");
    assertThat(content.at("/1/image_url/url").stringValue())
        .isEqualTo("data:image/png;base64," + Base64.getEncoder().encodeToString(VisionForm.PNG));
    assertThat(content.at("/1/image_url/detail").stringValue()).isEqualTo("low");

    Answer refused = vision(agent, "photo.png", "<svg/>".getBytes(StandardCharsets.UTF_8));
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.text()).contains("images[0]", "must be a PNG, JPEG, GIF or WebP image");
    assertThat(upstream.isIdle()).isTrue();
  }

  @Test
  void functionsAreOfferedInEitherForm() throws Exception {
    String call =
        "{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":null,"
            + "\"tool_calls\":[{\"id\":\"t1\",\"type\":\"function\",\"function\":{\"name\":\"f\","
            + "\"arguments\":\"{}\"}}]},\"finish_reason\":\"tool_calls\"}]}";
    script.set(answer(call));
    String function =
        "{\"name\": \"f\", \"description\": \"d\", \"parameters\": {\"type\": \"object\"}}";
    String agent = agent("\"tools\": {}", "");

    Answer answer =
        api.client()
            .post(
                "/api/agents/%s/tools".formatted(agent),
                "{\"prompt\": \"x\", \"tools\": [%s, {\"type\": \"function\", \"function\": %s}]}"
                    .formatted(function, function));

    assertThat(answer.text()).isEqualTo(call);
    JsonNode tools = json(upstream.request()).get("tools");
    assertThat(tools.get(0)).isEqualTo(tools.get(1));
    assertThat(tools.at("/0/function")).isEqualTo(Json.MAPPER.readTree(function));
  }

  @Test
  void textsBecomeVectors() throws Exception {
    String vectors = "{\"object\":\"list\",\"data\":[{\"index\":0,\"embedding\":[0.10, -1e-7]}]}";
    script.set(answer(vectors));
    String agent = agent("\"embeddings\": {\"dimensions\": 2}", "");

    Answer answer =
        api.client().post("/api/agents/%s/embed".formatted(agent), "{\"input\": [\"a\"]}");

    assertThat(answer.text()).isEqualTo(vectors);
    FakeUpstream.Request request = upstream.request();
    assertThat(request.line()).startsWith("POST /v1/embeddings ");
    assertThat(request.body())
        .isEqualTo("{\"model\":\"llama3.2\",\"dimensions\":2,\"input\":[\"a\"]}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          chat|{"prompt": "x"}|not for chat
          tools|{"prompt": "x", "tools": [{"name": "f"}]}|not for tools
          embed|{"input": 1}|must be a text or a list of texts
          embed|{"input": []}|must be a text or a list of texts
          embed|{"input": "a", "options": {"model": "m"}}|is set by the agent itself
          embed|{"input": "a", "x": 1}|is not known here
          """)
  void whatTheAgentIsNotForIsRefusedBeforeAnyCall(String what, String json, String why) {
    Answer answer =
        api.client()
            .post("/api/agents/%s/%s".formatted(agent("\"embeddings\": {}", ""), what), json);

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.text()).contains(why);
    assertThat(upstream.isIdle()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {}|or messages must be given
          {"prompt": "a", "messages": []}|or messages must be given
          {"prompt": ""}|must not be empty
          {"messages": []}|must hold at least one message
          {"messages": [{}]}|must be system, developer, user, assistant or tool
          {"prompt": "a", "options": {"stream": true}}|is set by the agent itself
          {"prompt": "a", "options": {"tools": []}}|not for tools
          {"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}|not for vision
          {"prompt": "a", "json_schema": {"$ref": "file:///etc/passwd"}}|stands by itself
          {"prompt": "a", "json_schema": {"type": 7}}|must be a JSON Schema
          {"prompt": "a", "token": "new\\nline"}|must be printable ASCII
          """)
  void aChatAtFaultIsRefusedBeforeAnyCall(String json, String why) {
    Answer answer = chat(agent("\"chat\": {}", ""), json);

    assertThat(answer.status()).as(answer.text()).isEqualTo(400);
    assertThat(answer.text()).contains(why);
    assertThat(upstream.isIdle()).isTrue();
  }

  @Test
  void aTokenCountsForOneCall() throws Exception {
    script.set(answer(SAID));
    String agent = agent("\"chat\": {}", "");
    chat(agent, "{\"prompt\": \"x\", \"token\": \"sk-other-0123456789\"}");
    chat(agent, "{\"prompt\": \"x\"}");

    assertThat(upstream.request().header("Authorization")).contains("Bearer sk-other-0123456789");
    assertThat(upstream.request().header("Authorization")).contains("Bearer " + KEY);
  }

  @Test
  void anAgentFollowsItsProvider() throws Exception {
    script.set(answer(SAID));
    String provider = provider(unique("moves"));
    String agent = following(provider, "\"chat\": {}");
    chat(agent, "{\"prompt\": \"x\"}");
    Answer changed =
        api.client()
            .put(
                "/api/providers/" + provider,
                body(unique("moved"), ollama("/elsewhere", "\"token\": \"sk-2-0123456789abc\", ")));
    assertThat(changed.status()).as(changed.text()).isEqualTo(200);
    chat(agent, "{\"prompt\": \"x\"}");

    assertThat(upstream.request().line()).startsWith("POST /v1/chat/completions ");
    FakeUpstream.Request second = upstream.request();
    assertThat(second.line()).startsWith("POST /elsewhere/v1/chat/completions ");
    assertThat(second.header("Authorization")).contains("Bearer sk-2-0123456789abc");
  }

  @Test
  void aRunMayNameARevision() throws Exception {
    script.set(answer(SAID));
    String agent = agent("\"chat\": {\"seed\": 1}", "");
    String config = config("\"chat\": {\"seed\": 2}", "");
    assertThat(api.client().put("/api/agents/" + agent, body(unique("a"), config)).status())
        .isEqualTo(200);

    chat(agent, "{\"prompt\": \"x\"}");
    Answer old =
        api.client().post("/api/agents/%s/chat?revision=1".formatted(agent), "{\"prompt\": \"x\"}");

    assertThat(json(upstream.request()).get("seed").intValue()).isEqualTo(2);
    assertThat(json(upstream.request()).get("seed").intValue()).isEqualTo(1);
    assertThat(old.header("Agent-Lab-Revision")).isEqualTo("1");
    Answer none =
        api.client().post("/api/agents/%s/chat?revision=9".formatted(agent), "{\"prompt\": \"x\"}");
    assertThat(none.status()).isEqualTo(404);
  }

  @Test
  void aFailureOfTheProviderIsToldWithoutItsSecrets() throws Exception {
    script.set(
        raw(
            FakeUpstream.response(
                "401 No",
                "application/json",
                "{\"error\":{\"message\":\"bad key %s\",\"type\":\"invalid_request_error\","
                        .formatted(KEY)
                    + "\"code\":\"invalid_api_key\",\"param\":\"%s\"}}".formatted(KEY))));

    Answer answer = chat(agent("\"chat\": {}", ""), "{\"prompt\": \"x\"}");
    upstream.request();

    assertThat(answer.status()).isEqualTo(502);
    assertThat(answer.json().get("type").stringValue()).isEqualTo("/problems/upstream-failed");
    assertThat(answer.text()).contains("the provider answered 401: bad key ***");
    assertThat(answer.json().get("upstream"))
        .hasToString(
            "{\"status\":401,\"type\":\"invalid_request_error\",\"code\":\"invalid_api_key\","
                + "\"param\":\"***\"}");
    assertThat(answer.text()).doesNotContain(KEY);
  }

  @Test
  void aBusyProvidersWishToBeLeftAloneIsPassedOn() throws Exception {
    script.set(raw("HTTP/1.1 429 No\r\nRetry-After: 77\r\nContent-Length: 0\r\n\r\n"));

    Answer answer = chat(agent("\"chat\": {}", ""), "{\"prompt\": \"x\"}");
    upstream.request();

    assertThat(answer.status()).isEqualTo(502);
    assertThat(answer.header("Retry-After")).isEqualTo("77");
  }

  @Test
  void anAnswerIsHeldToItsSchemaAndMayBeRepairedOnce() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    String wrong = SAID.replace("Hi", "{\\\"a\\\": 1}");
    String right = SAID.replace("Hi", "{\\\"b\\\": 1}");
    script.set((request, out) ->
        answer(calls.incrementAndGet() % 2 == 1 ? wrong : right).answer(request, out));
    String agent = agent("\"chat\": {}", "");
    String asked =
        "\"prompt\": \"x\", \"json_schema\": {\"type\": \"object\", \"required\": [\"b\"]}";

    Answer repaired = chat(agent, "{%s, \"repair\": true}".formatted(asked));
    assertThat(repaired.text()).isEqualTo(right);
    assertThat(json(upstream.request()).at("/response_format/json_schema/schema/required/0"))
        .hasToString("\"b\"");
    assertThat(json(upstream.request()).at("/messages/2/content").stringValue())
        .contains("required property 'b'");

    Answer refused = chat(agent, "{%s}".formatted(asked));
    upstream.request();
    assertThat(refused.status()).isEqualTo(502);
    assertThat(refused.json().get("type").stringValue()).isEqualTo("/problems/answer-invalid");
  }

  private String agent(String capabilities, String system) {
    Answer made = api.create(unique("agent"), config(capabilities, system));
    assertThat(made.status()).as(made.text()).isEqualTo(201);
    return id(made);
  }

  private String config(String capabilities, String system) {
    return """
    {"system_prompt": "%s", "provider": %s,
     "model": {"name": "llama3.2", "capabilities": {%s}}}
    """
        .formatted(system, ollama("", "\"token\": \"%s\", ".formatted(KEY)), capabilities);
  }

  private String ollama(String path, String token) {
    return "{\"name\": \"ollama\", \"base_url\": \"%s\", \"options\": {%s\"auth_type\": \"bearer\"}}"
        .formatted(upstream.url(path), token);
  }

  private String provider(String name) {
    Answer made =
        api.client()
            .post("/api/providers", body(name, ollama("", "\"token\": \"%s\", ".formatted(KEY))));
    assertThat(made.status()).as(made.text()).isEqualTo(201);
    return id(made);
  }

  private String following(String provider, String capabilities) {
    Answer made =
        api.create(
            unique("agent"),
            """
            {"provider_id": "%s", "model": {"name": "llama3.2", "capabilities": {%s}}}
            """
                .formatted(provider, capabilities));
    assertThat(made.status()).as(made.text()).isEqualTo(201);
    return id(made);
  }

  private Answer chat(String agent, String json) {
    return api.client().post("/api/agents/%s/chat".formatted(agent), json);
  }

  private Answer vision(String agent, String fileName, byte[] image) {
    return api.client()
        .post(
            "/api/agents/%s/vision".formatted(agent),
            VisionForm.asking("What is it?", fileName, image),
            VisionForm.TYPE);
  }

  private void awaitDisconnect(int connection) throws InterruptedException {
    int gone;
    do {
      gone = upstream.disconnect();
    } while (gone != connection);
  }

  private static JsonNode json(FakeUpstream.Request request) {
    return Json.MAPPER.readTree(request.body());
  }

  private static FakeUpstream.Script answer(String json) {
    return raw(FakeUpstream.json(json));
  }

  private static FakeUpstream.Script raw(String bytes) {
    return (_, out) -> write(out, bytes);
  }

  private static FakeUpstream.Script stream(String events) {
    return (_, out) -> {
      write(out, FakeUpstream.events() + events);
      out.close();
    };
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
    out.flush();
  }
}
