package dev.agentlab.agents.run;

import static dev.agentlab.agents.AgentApi.body;
import static dev.agentlab.agents.AgentApi.uniqueName;
import static dev.agentlab.agents.run.ScriptedRuns.COMPLETION;
import static dev.agentlab.agents.run.ScriptedRuns.eventStream;
import static dev.agentlab.agents.run.ScriptedRuns.json;
import static dev.agentlab.agents.run.ScriptedRuns.jsonResponse;
import static dev.agentlab.agents.run.ScriptedRuns.write;
import static dev.agentlab.server.ScriptedServer.PROVIDER_KEY;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.http.RawHttpConnection;
import dev.agentlab.json.Json;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.testing.FakeUpstream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// Runs of agents over HTTP, against an upstream whose bytes the test scripts.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AgentRunsIT {
  private static final String CHUNK =
      "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"H\"},\"finish_reason\":null}]}\n\n";
  private static final String USAGE = "data: {\"choices\":[],\"usage\":{\"total_tokens\":3}}\n\n";
  private static final String STREAM =
      CHUNK
          + "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
          + USAGE
          + "data: [DONE]\n\n";

  @RegisterExtension private final ScriptedRuns runs = new ScriptedRuns();

  @Test
  void chatMergesOptionsOfAgentAndCaller() throws Exception {
    runs.setScript(jsonResponse(COMPLETION));
    String agent = runs.createAgent("\"chat\": {\"temperature\": 0.70, \"top_p\": 1}", "Be brief.");

    Answer answer =
        runs.chat(agent, "{\"prompt\": \"Hello\", \"options\": {\"top_p\": 0.5, \"x\": [1]}}");

    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    assertThat(answer.text()).isEqualTo(COMPLETION);
    FakeUpstream.Request request = runs.upstream().request();
    assertThat(request.header("Authorization")).contains("Bearer " + PROVIDER_KEY);
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
  void responseHeadersNameProviderModelAndRevision() throws Exception {
    runs.setScript(jsonResponse(COMPLETION));
    String name = uniqueName("Zürich 100%");
    String provider = runs.createProvider(name);
    String agent = runs.createAgentOf(provider, "\"chat\": {}");

    Answer answer = runs.chat(agent, "{\"prompt\": \"Hello\"}");
    runs.upstream().request();

    assertThat(answer.header("Agent-Lab-Provider"))
        .isEqualTo(name.replace("%", "%25").replace("ü", "%C3%BC"));
    assertThat(answer.header("Agent-Lab-Model")).isEqualTo("llama3.2");
    assertThat(answer.header("Agent-Lab-Revision")).isEqualTo("1");
    assertThat(answer.header("Agent-Lab-Attempts")).isEqualTo("1");
  }

  @Test
  void messagesReplacePrompt() throws Exception {
    runs.setScript(jsonResponse(COMPLETION));
    String messages =
        "[{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"assistant\",\"content\":\"b\","
            + "\"reasoning_content\":\"kept\"},{\"role\":\"user\",\"content\":\"c\"}]";

    runs.chat(runs.createAgent("\"chat\": {}", ""), "{\"messages\": %s}".formatted(messages));

    assertThat(json(runs.upstream().request()).get("messages"))
        .isEqualTo(Json.MAPPER.readTree(messages));
  }

  @Test
  void topLevelOpenAiMembersAreOptions() throws Exception {
    runs.setScript(jsonResponse(COMPLETION));
    String agent = runs.createAgent("\"chat\": {\"temperature\": 0.70, \"top_p\": 1}", "");

    Answer answer =
        runs.chat(agent, "{\"prompt\": \"Hello\", \"temperature\": 0.5, \"max_tokens\": 9}");

    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    assertThat(json(runs.upstream().request()))
        .isEqualTo(
            Json.MAPPER.readTree(
                """
                {"model": "llama3.2", "temperature": 0.5, "top_p": 1, "max_tokens": 9,
                 "messages": [{"role": "user", "content": "Hello"}]}
                """));
  }

  @Test
  void streamIsPassedThroughUnchanged() throws Exception {
    runs.setScript(eventStream(STREAM));
    String agent = runs.createAgent("\"chat\": {}", "");

    Answer answer =
        runs.client()
            .post(
                "/api/agents/%s/chat/stream".formatted(agent),
                "{\"prompt\": \"Hi\", \"stream_options\": {\"include_usage\": true}}");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.header("Content-Type")).isEqualTo("text/event-stream");
    assertThat(answer.header("Agent-Lab-Model")).isEqualTo("llama3.2");
    assertThat(answer.text()).isEqualTo(STREAM);
    JsonNode asked = json(runs.upstream().request());
    assertThat(asked.at("/stream").booleanValue()).isTrue();
    assertThat(asked.at("/stream_options/include_usage").booleanValue()).isTrue();
  }

  @Test
  void interruptedStreamEndsWithErrorEvent() throws Exception {
    runs.setScript(eventStream(CHUNK));
    String agent = runs.createAgent("\"chat\": {}", "");

    Answer answer =
        runs.client().post("/api/agents/%s/chat/stream".formatted(agent), "{\"prompt\": \"Hi\"}");
    runs.upstream().request();

    assertThat(answer.text()).startsWith(CHUNK + "event: error\ndata: {").doesNotContain("[DONE]");
  }

  @ParameterizedTest
  @CsvSource({"chat", "chat/stream"})
  void disconnectBeforeResponseCancelsModelCall(String what) throws Exception {
    runs.setScript((_, _) -> {});
    String agent = runs.createAgent("\"chat\": {}", "");
    try (RawHttpConnection wire = new RawHttpConnection(runs.server().client().base().getPort())) {
      wire.send(
          "POST /api/agents/%s/%s HTTP/1.1\r\nContent-Type: application/json\r\nX-Api-Key: %s"
              .formatted(agent, what, runs.server().adminKey()),
          "{\"prompt\": \"Hi\"}");
      int connection = runs.upstream().request().connection();
      wire.socket().close();

      awaitDisconnect(connection);
    }
  }

  @Test
  void disconnectDuringStreamCancelsModelCall() throws Exception {
    runs.setScript((_, out) -> {
      write(out, FakeUpstream.events());
      while (true) {
        write(out, CHUNK);
        FakeUpstream.pause(java.time.Duration.ofMillis(5));
      }
    });
    String agent = runs.createAgent("\"chat\": {}", "");
    try (RawHttpConnection wire = new RawHttpConnection(runs.server().client().base().getPort())) {
      wire.send(
          "POST /api/agents/%s/chat/stream HTTP/1.1\r\nContent-Type: application/json\r\nX-Api-Key: %s"
              .formatted(agent, runs.server().adminKey()),
          "{\"prompt\": \"Hi\"}");
      int connection = runs.upstream().request().connection();
      assertThat(wire.readHead().status()).isEqualTo(200);
      assertThat(wire.readChunk()).startsWith(CHUNK);
      wire.socket().close();

      awaitDisconnect(connection);
    }
  }

  @Test
  void tokenAppliesToOneRequestOnly() throws Exception {
    runs.setScript(jsonResponse(COMPLETION));
    String agent = runs.createAgent("\"chat\": {}", "");
    runs.chat(agent, "{\"prompt\": \"x\", \"token\": \"sk-other-0123456789\"}");
    runs.chat(agent, "{\"prompt\": \"x\"}");

    assertThat(runs.upstream().request().header("Authorization"))
        .contains("Bearer sk-other-0123456789");
    assertThat(runs.upstream().request().header("Authorization"))
        .contains("Bearer " + PROVIDER_KEY);
  }

  @Test
  void agentUsesCurrentProviderConfig() throws Exception {
    runs.setScript(jsonResponse(COMPLETION));
    String provider = runs.createProvider(uniqueName("moves"));
    String agent = runs.createAgentOf(provider, "\"chat\": {}");
    runs.chat(agent, "{\"prompt\": \"x\"}");
    Answer changed =
        runs.client()
            .put(
                "/api/providers/" + provider,
                body(
                    uniqueName("moved"),
                    runs.ollamaConfig("/elsewhere", "\"token\": \"sk-2-0123456789abc\", ")));
    assertThat(changed.status()).as(changed.text()).isEqualTo(200);
    runs.chat(agent, "{\"prompt\": \"x\"}");

    assertThat(runs.upstream().request().requestLine()).startsWith("POST /v1/chat/completions ");
    FakeUpstream.Request second = runs.upstream().request();
    assertThat(second.requestLine()).startsWith("POST /elsewhere/v1/chat/completions ");
    assertThat(second.header("Authorization")).contains("Bearer sk-2-0123456789abc");
  }

  @Test
  void runUsesRequestedRevision() throws Exception {
    runs.setScript(jsonResponse(COMPLETION));
    String agent = runs.createAgent("\"chat\": {\"seed\": 1}", "");
    String config = runs.config("\"chat\": {\"seed\": 2}", "");
    assertThat(runs.client().put("/api/agents/" + agent, body(uniqueName("a"), config)).status())
        .isEqualTo(200);

    runs.chat(agent, "{\"prompt\": \"x\"}");
    Answer old =
        runs.client()
            .post("/api/agents/%s/chat?revision=1".formatted(agent), "{\"prompt\": \"x\"}");

    assertThat(json(runs.upstream().request()).get("seed").intValue()).isEqualTo(2);
    assertThat(json(runs.upstream().request()).get("seed").intValue()).isEqualTo(1);
    assertThat(old.header("Agent-Lab-Revision")).isEqualTo("1");
    Answer none =
        runs.client()
            .post("/api/agents/%s/chat?revision=9".formatted(agent), "{\"prompt\": \"x\"}");
    assertThat(none.status()).isEqualTo(404);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {}|{"include_usage":true}
          {"stream_options": {}}|{"include_usage":true}
          {"stream_options": {"x": 1}}|{"x":1,"include_usage":true}
          {"stream_options": {"include_usage": false}}|{"include_usage":true}
          {"stream_options": null}|null
          """)
  void streamUsageIsRequestedButHiddenUnlessAskedFor(String options, String asked)
      throws Exception {
    runs.setScript(eventStream(STREAM));
    String agent = runs.createAgent("\"chat\": {}", "");
    String json = "{\"prompt\": \"x\", \"options\": %s}".formatted(options);

    Answer answer = runs.client().post("/api/agents/%s/chat/stream".formatted(agent), json);

    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    assertThat(answer.text()).isEqualTo(asked.equals("null") ? STREAM : STREAM.replace(USAGE, ""));
    JsonNode request = json(runs.upstream().request());
    assertThat(String.valueOf(request.get("stream_options"))).isEqualTo(asked);
    runs.setScript(jsonResponse(COMPLETION));
    runs.chat(agent, json);
    assertThat(json(runs.upstream().request()).has("stream_options")).isFalse();
  }

  private void awaitDisconnect(int connection) throws InterruptedException {
    int gone;
    do {
      gone = runs.upstream().disconnect();
    } while (gone != connection);
  }
}
