package dev.agentlab.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.agents.run.ChatEvents;
import dev.agentlab.agents.run.VisionForm;
import dev.agentlab.postgres.TestServers;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.testing.FakeUpstream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Agent runs of the packaged program: every capability and simulated failures on the simulated
/// provider, and callers that disconnect.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class AgentRunsE2ETest {
  private static final String HELLO = "{\"prompt\": \"Hello\"}";

  /// The documented limit is one second; the machine may be busy.
  private static final Duration MAX_DISCONNECT_TIME = Duration.ofSeconds(5);

  private Optional<Program> started = Optional.empty();

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    TestServers.prepare(folder.resolve("data"));
    started = Optional.of(Program.serve(folder, Map.of()));
  }

  @AfterAll
  void stop() throws Exception {
    if (started.isPresent()) {
      try (Program program = started.get()) {
        assertThat(program.stop()).as(program.log()).isZero();
        assertThat(program.log()).doesNotContain("\tat ");
      }
    }
  }

  @Test
  void simulatedProviderChats() {
    Answer answer = run(simulated("\"reply\": \"one two\""), "chat", HELLO);

    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    assertThat(answer.json().at("/choices/0/message/content").asString()).isEqualTo("one two");
    assertThat(answer.header("Agent-Lab-Revision")).isEqualTo("1");
  }

  @Test
  void simulatedProviderStreams() {
    Answer answer =
        run(
            simulated("\"reply\": \"one two three\", \"time_per_token\": \"1ms\""),
            "chat/stream",
            "{\"prompt\": \"Hello\", \"stream_options\": {\"include_usage\": true}}");

    ChatEvents events = ChatEvents.of(answer.text());
    assertThat(events.chunks()).hasSizeGreaterThan(3);
    assertThat(events.content()).isEqualTo("one two three");
    assertThat(events.totalTokens()).isPositive();
    assertThat(answer.text()).endsWith("data: [DONE]\n\n");
  }

  @Test
  void streamsOfSimulatedProviderEndWithDone() throws Exception {
    String agent = simulated("\"reply\": \"one two three\", \"time_per_token\": \"0\"");
    int callers = 4;
    int streamsPerCaller = 750;

    try (ExecutorService executor = Executors.newFixedThreadPool(callers)) {
      List<Future<Long>> wholeStreams = new ArrayList<>();
      for (int i = 0; i < callers; i++) {
        wholeStreams.add(
            executor.submit(() ->
                IntStream.range(0, streamsPerCaller)
                    .mapToObj(_ -> run(agent, "chat/stream", HELLO).text())
                    .filter(text -> text.endsWith("data: [DONE]\n\n"))
                    .filter(text -> ChatEvents.of(text).content().equals("one two three"))
                    .count()));
      }
      for (Future<Long> whole : wholeStreams) {
        assertThat(whole.get()).isEqualTo(streamsPerCaller);
      }
    }
  }

  @Test
  void simulatedProviderCallsTools() {
    Answer answer =
        run(
            simulated(""),
            "tools",
            """
            {"prompt": "Hello", "tools": [{"name": "weather", "description": "The weather.",
             "parameters": {"type": "object", "required": ["unit"],
                            "properties": {"unit": {"enum": ["C", "F"]}}}}]}
            """);

    JsonNode function = answer.json().at("/choices/0/message/tool_calls/0/function");
    assertThat(function.get("name").asString()).isEqualTo("weather");
    assertThat(function.get("arguments").asString()).isEqualTo("{\"unit\":\"C\"}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"vision", "vision/stream"})
  void simulatedProviderReceivesImages(String what) {
    Answer answer =
        program()
            .client()
            .post(
                path(simulated("\"time_per_token\": \"0\""), what),
                VisionForm.create("What is it?", VisionForm.PNG),
                VisionForm.TYPE);

    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    String content =
        what.equals("vision")
            ? answer.json().at("/choices/0/message/content").asString()
            : ChatEvents.of(answer.text()).content();
    assertThat(content)
        .contains("What is it?", "image/png of %d bytes".formatted(VisionForm.PNG.length));
  }

  @Test
  void simulatedProviderEmbeds() {
    Answer answer =
        run(simulated("\"dimensions\": 8"), "embed", "{\"input\": [\"cat\", \"cat\", \"dog\"]}");

    JsonNode data = answer.json().get("data");
    assertThat(data.size()).isEqualTo(3);
    assertThat(data.at("/0/embedding").size()).isEqualTo(8);
    assertThat(data.at("/0/embedding")).isEqualTo(data.at("/1/embedding"));
    assertThat(data.at("/0/embedding")).isNotEqualTo(data.at("/2/embedding"));
  }

  @Test
  void truncatedStreamIsSimulated() {
    String agent =
        simulated(
            "\"reply\": \"one two three\", \"truncate_after\": 2, \"time_per_token\": \"1ms\"");

    Answer answer = run(agent, "chat/stream", HELLO);

    assertThat(ChatEvents.of(answer.text()).content()).isEqualTo("one two");
    assertThat(answer.text()).contains("event: error\ndata: {").doesNotContain("[DONE]");
  }

  @Test
  void transientFailureIsSimulatedAndRetried() {
    String agent = simulated("\"error_rate\": 0.5, \"error_status\": 503");

    Answer first = run(agent, "chat", HELLO);
    Answer second = run(agent, "chat", HELLO);

    assertThat(first.header("Agent-Lab-Attempts")).isEqualTo("1");
    assertThat(second.status()).as(second.text()).isEqualTo(200);
    assertThat(second.header("Agent-Lab-Attempts")).isEqualTo("2");
  }

  @Test
  void permanentFailureIsSimulated() {
    Answer answer = run(simulated("\"error_rate\": 1"), "chat", HELLO);

    assertThat(answer.status()).isEqualTo(502);
    assertThat(answer.json().get("type").asString()).isEqualTo("/problems/upstream-failed");
    assertThat(answer.text()).contains("the provider returned status 500");
  }

  @ParameterizedTest
  @ValueSource(strings = {"chat", "chat/stream"})
  void disconnectBeforeTheResponseReachesTheProvider(String what) throws Exception {
    try (FakeUpstream upstream = FakeUpstream.start((_, _) -> {})) {
      int connection;
      try (RawConnection _ = openRun(agent(compatible(upstream)), what)) {
        connection = upstream.request().connection();
      }

      assertDisconnected(
          upstream, connection, "time from a disconnect to that of the provider, " + what);
    }
  }

  @Test
  void disconnectDuringTheStreamReachesTheProvider() throws Exception {
    try (FakeUpstream upstream = FakeUpstream.start((_, out) -> sendEndlessly(out))) {
      int connection;
      try (RawConnection caller = openRun(agent(compatible(upstream)), "chat/stream")) {
        connection = upstream.request().connection();
        assertThat(caller.reply().orElseThrow().status()).isEqualTo(200);
      }

      assertDisconnected(
          upstream, connection, "time from a disconnect to that of the provider, within a stream");
    }
  }

  private static void assertDisconnected(FakeUpstream upstream, int connection, String what)
      throws InterruptedException {
    long begin = System.nanoTime();
    assertThat(upstream.disconnect()).isEqualTo(connection);
    Duration time = Duration.ofNanos(System.nanoTime() - begin);
    Measurements.print(what, time);
    assertThat(time).isLessThan(MAX_DISCONNECT_TIME);
  }

  /// Sends chunks without end.
  private static void sendEndlessly(OutputStream out) throws IOException {
    out.write(FakeUpstream.events().getBytes(StandardCharsets.UTF_8));
    while (true) {
      out.write(
          "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"H\"}}]}\n\n"
              .getBytes(StandardCharsets.UTF_8));
      out.flush();
      FakeUpstream.pause(Duration.ofMillis(5));
    }
  }

  private Program program() {
    return started.orElseThrow();
  }

  /// Opens a connection and sends a request to an agent on it.
  private RawConnection openRun(String agent, String what) throws IOException {
    return RawConnection.to(program().url())
        .send(
            "POST %s HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                .formatted(
                    path(agent, what), program().key().orElseThrow(), HELLO.length(), HELLO));
  }

  private Answer run(String agent, String what, String json) {
    return program().client().post(path(agent, what), json);
  }

  private static String path(String agent, String what) {
    return "/api/agents/%s/%s".formatted(agent, what);
  }

  /// Creates an agent on a registered simulated provider and returns its id.
  ///
  /// @param options JSON members
  private String simulated(String options) {
    return agent("{\"name\": \"simulated\", \"options\": {%s}}".formatted(options));
  }

  private static String compatible(FakeUpstream upstream) {
    return "{\"name\": \"openai-compatible\", \"base_url\": \"%s\", \"options\": {}}"
        .formatted(upstream.url("/v1"));
  }

  /// Creates an agent on a registered provider and returns its id.
  private String agent(String provider) {
    String name = "provider " + UUID.randomUUID();
    create("/api/providers", name, provider);
    return create(
            "/api/agents",
            "agent " + UUID.randomUUID(),
            """
            {"provider": "%s", "client": {"retry": {"initial_backoff": "1ms"}}, "model": {"name": "any",
             "capabilities": {"chat": {}, "vision": {}, "tools": {}, "embeddings": {}}}}
            """
                .formatted(name))
        .get("id")
        .asString();
  }

  private JsonNode create(String path, String name, String config) {
    Answer created =
        program().client().post(path, "{\"name\": \"%s\", \"config\": %s}".formatted(name, config));
    assertThat(created.status()).as(created.text()).isEqualTo(201);
    return created.json();
  }
}
