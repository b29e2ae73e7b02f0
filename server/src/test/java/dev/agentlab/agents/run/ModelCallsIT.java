package dev.agentlab.agents.run;

import static dev.agentlab.agents.AgentApi.uniqueName;
import static dev.agentlab.agents.run.ScriptedRuns.eventStream;
import static dev.agentlab.agents.run.ScriptedRuns.jsonResponse;
import static dev.agentlab.agents.run.ScriptedRuns.write;
import static dev.agentlab.server.ScriptedServer.PROVIDER_KEY;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import dev.agentlab.http.LogCapture;
import dev.agentlab.http.RawHttpConnection;
import dev.agentlab.server.TestClient;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.testing.Await;
import dev.agentlab.testing.FakeUpstream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Log lines and metrics of the model calls of agents.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ModelCallsIT {
  private static final String CHUNK =
      "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"H\"},\"finish_reason\":null}]}\n\n";
  private static final String STREAM =
      CHUNK
          + "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
          + "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":5}}\n\n"
          + "data: [DONE]\n\n";
  private static final String CHAT = "{\"prompt\": \"Hi\"}";

  @RegisterExtension private final ScriptedRuns runs = new ScriptedRuns();

  private LogCapture log = capture();

  private static LogCapture capture() {
    return LogCapture.of("dev.agentlab.http.requests", Level.INFO);
  }

  @AfterEach
  void restartCapture() {
    log.close();
    log = capture();
  }

  @Test
  void failedModelCallIsLoggedWithCause() {
    runs.setScript((_, out) ->
        write(out, FakeUpstream.response("401 No", "text/plain", "bad key " + PROVIDER_KEY)));
    String agent = createAgent(uniqueName("failing"));

    assertThat(runs.chat(agent, CHAT).status()).isEqualTo(502);

    assertThat(awaitLogLine(agent))
        .containsEntry("status", "502")
        .containsEntry("model", "llama3.2")
        .containsEntry("attempts", "1")
        .containsEntry("outcome", "refused")
        .containsEntry("cause", "the provider returned status 401: bad key ***");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/api/agents/{agent}/chat        | {\"prompt\": \"Hi\"}",
        "/api/agents/{agent}/chat/stream | {\"prompt\": \"Hi\"}",
        "/v1/chat/completions            | {\"model\": \"{provider}/m\", \"messages\": []}",
        "/v1/moderations                 | {\"model\": \"{provider}/m\"}",
        "/proxy/{provider}/any           | {}",
      })
  void onlyTheLogHasTheAddressOfTheProvider(String path, String body) {
    runs.setScript((_, out) -> write(out, "this is not HTTP\r\n\r\n"));
    String name = uniqueName("hidden").replace(' ', '-');
    String agent = createAgent(name);

    Answer answer =
        TestClient.of(runs.server().url())
            .as(runs.server().adminKey())
            .post(
                path.replace("{agent}", agent).replace("{provider}", name),
                body.replace("{provider}", name));

    assertThat(answer.status()).isEqualTo(502);
    String cause = "no complete response from the provider: %sthe response is not valid HTTP";
    assertThat(answer.text()).contains(cause.formatted("")).doesNotContain("127.0.0.1");
    assertThat(answer.response().headers().toString()).doesNotContain("127.0.0.1");
    Map<String, String> line =
        Await.until(
                "the call is logged",
                () -> logLines().stream().filter(it -> name.equals(it.get("provider"))).toList(),
                found -> !found.isEmpty())
            .getFirst();
    String origin = "http://127.0.0.1:%d: ".formatted(runs.upstream().url("").getPort());
    assertThat(line).containsEntry("cause", cause.formatted(origin));
  }

  @Test
  void retriedSuccessIsLoggedWithAttempts() {
    AtomicInteger calls = new AtomicInteger();
    runs.setScript((_, out) ->
        write(
            out,
            calls.incrementAndGet() == 1
                ? FakeUpstream.response("503 No", "text/plain", "busy")
                : FakeUpstream.json(ScriptedRuns.COMPLETION)));
    String name = uniqueName("retried");
    String agent = createAgent(name);

    assertThat(runs.chat(agent, CHAT).status()).isEqualTo(200);

    assertThat(awaitLogLine(agent))
        .containsEntry("status", "200")
        .containsEntry("provider", name)
        .containsEntry("attempts", "2")
        .containsEntry("outcome", "success")
        .doesNotContainKey("cause");
  }

  @Test
  void brokenStreamIsLoggedAsError() {
    runs.setScript(eventStream(CHUNK));
    String name = uniqueName("broken");
    String agent = createAgent(name);

    Answer answer = runs.client().post("/api/agents/%s/chat/stream".formatted(agent), CHAT);

    assertThat(answer.status()).isEqualTo(200);
    assertThat(awaitLogLine(agent))
        .containsEntry("status", "502")
        .containsEntry("provider", name)
        .containsEntry("outcome", "broken")
        .containsEntry("cause", "the provider ended the stream before the response was complete");
    assertThat(metrics())
        .contains(
            "agentlab_model_call_duration_seconds_count{model=\"other\",outcome=\"broken\",provider=\"%s\"} 1"
                .formatted(name));
  }

  @Test
  void clientDisconnectIsLoggedAsCancelled() throws Exception {
    runs.setScript((_, out) -> {
      write(out, FakeUpstream.events());
      while (true) {
        write(out, CHUNK);
        FakeUpstream.pause(java.time.Duration.ofMillis(5));
      }
    });
    String agent = createAgent(uniqueName("left"));
    try (RawHttpConnection wire = new RawHttpConnection(runs.server().client().base().getPort())) {
      wire.send(
          "POST /api/agents/%s/chat/stream HTTP/1.1\r\nContent-Type: application/json\r\nX-Api-Key: %s"
              .formatted(agent, runs.server().adminKey()),
          CHAT);
      assertThat(wire.readHead().status()).isEqualTo(200);
    }

    assertThat(awaitLogLine(agent))
        .containsEntry("status", "499")
        .containsEntry("outcome", "cancelled")
        .containsEntry("cause", "the call was cancelled");
  }

  /// Fewer streams of one provider break than open its breaker.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "4  | 100 | \"reply\": \"one two\"                        | data: [DONE] | 200 | success",
        "40 | 9   | \"reply\": \"one two\", \"truncate_after\": 1 | event: error | 502 | broken",
      })
  void disconnectAfterTheLastEventIsLoggedWithItsOutcome(
      int agents, int streams, String options, String lastEvent, String status, String outcome)
      throws Exception {
    Map<String, String> providers = new TreeMap<>();
    for (int i = 0; i < agents; i++) {
      String name = uniqueName("quick");
      String provider = runs.simulated(name, options + ", \"time_per_token\": \"0\"");
      providers.put(runs.createAgentOf(provider, "\"chat\": {}"), name);
    }

    try (ExecutorService executor = Executors.newFixedThreadPool(4)) {
      List<Future<?>> callers = new ArrayList<>();
      for (String agent : providers.keySet()) {
        callers.add(
            executor.submit(() -> {
              for (int i = 0; i < streams; i++) {
                readTo(lastEvent, agent);
              }
              return null;
            }));
      }
      for (Future<?> caller : callers) {
        caller.get();
      }
    }

    providers.forEach((agent, name) ->
        assertThat(
                Await.until(
                    "all runs are logged", () -> logLines(agent), found -> found.size() >= streams))
            .hasSize(streams)
            .allSatisfy(line ->
                assertThat(line)
                    .containsEntry("status", status)
                    .containsEntry("provider", name)
                    .containsEntry("model", "llama3.2")
                    .containsEntry("attempts", "1")
                    .containsEntry("outcome", outcome)));
  }

  /// Reads a stream as far as its last event, and leaves at once.
  private void readTo(String lastEvent, String agent) throws IOException {
    try (RawHttpConnection wire = new RawHttpConnection(runs.server().client().base().getPort())) {
      wire.send(
          "POST /api/agents/%s/chat/stream HTTP/1.1\r\nContent-Type: application/json\r\nX-Api-Key: %s"
              .formatted(agent, runs.server().adminKey()),
          CHAT);
      assertThat(wire.readHead().status()).isEqualTo(200);
      String events = wire.readChunk();
      while (!events.contains(lastEvent)) {
        assertThat(events).isNotEmpty();
        events = wire.readChunk();
      }
    }
  }

  @Test
  void metricsCountCallsTokensAndFirstContent() {
    runs.setScript(eventStream(STREAM));
    String name = uniqueName("counted");
    String agent = createAgent(name);
    runs.client().post("/api/agents/%s/chat/stream".formatted(agent), CHAT);
    runs.setScript(jsonResponse(ScriptedRuns.COMPLETION));
    runs.chat(agent, CHAT);

    assertThat(metrics())
        .contains(
            "agentlab_model_call_duration_seconds_count{model=\"llama3.2\",outcome=\"success\",provider=\"%s\"} 2"
                .formatted(name),
            "agentlab_model_tokens_total{model=\"llama3.2\",provider=\"%s\",type=\"input\"} 7.0"
                .formatted(name),
            "agentlab_model_tokens_total{model=\"llama3.2\",provider=\"%s\",type=\"output\"} 5.0"
                .formatted(name),
            "agentlab_model_time_to_first_content_seconds_count{model=\"llama3.2\",provider=\"%s\"} 1"
                .formatted(name));
  }

  @Test
  void metricsCountOpenCircuitBreakers() {
    runs.setScript((_, out) -> write(out, FakeUpstream.response("500 No", "text/plain", "broken")));
    String name = uniqueName("suspended");
    String agent = createAgent(name);
    Await.value(503, () -> runs.chat(agent, CHAT).status());

    assertThat(metrics())
        .contains("agentlab_open_circuit_breakers 1.0")
        .anyMatch(line ->
            line.startsWith("agentlab_model_call_duration_seconds_count")
                && line.contains("outcome=\"suspended\",provider=\"%s\"".formatted(name)));
  }

  private String createAgent(String provider) {
    return runs.createAgentOf(runs.createProvider(provider), "\"chat\": {}");
  }

  /// The log line of the only run of an agent; waits for it.
  private Map<String, String> awaitLogLine(String agent) {
    return Await.until("the run is logged", () -> logLines(agent), found -> !found.isEmpty())
        .getFirst();
  }

  private List<Map<String, String>> logLines(String agent) {
    return logLines().stream().filter(it -> uri(it).contains(agent)).toList();
  }

  private static String uri(Map<String, String> line) {
    return line.getOrDefault("uri", "");
  }

  private List<Map<String, String>> logLines() {
    return log.lines().stream()
        .map(line -> {
          Map<String, String> fields = new TreeMap<>();
          line.getKeyValuePairs().forEach(it -> fields.put(it.key, String.valueOf(it.value)));
          return fields;
        })
        .toList();
  }

  private List<String> metrics() {
    return runs.client().get("/metrics").text().lines().toList();
  }
}
