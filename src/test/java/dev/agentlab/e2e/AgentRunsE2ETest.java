package dev.agentlab.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.agents.run.ChatEvents;
import dev.agentlab.agents.run.VisionForm;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.upstream.FakeUpstream;
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

/// Agents of the packaged program: everything they do, on a provider that needs no model; failures
/// as they are rehearsed with it; and callers that hang up.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class AgentRunsE2ETest {
  private static final String HELLO = "{\"prompt\": \"Hello\"}";

  /// The promise is one second; the machine may be busy.
  private static final Duration SOON = Duration.ofSeconds(5);

  private Optional<Program> started = Optional.empty();

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
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
  void aSimulatedProviderChats() {
    Answer answer = run(simulated("\"reply\": \"one two\""), "chat", HELLO);

    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    assertThat(answer.json().at("/choices/0/message/content").asString()).isEqualTo("one two");
    assertThat(answer.header("Agent-Lab-Revision")).isEqualTo("1");
  }

  @Test
  void aSimulatedProviderStreams() {
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
  void aSimulatedProviderCallsTools() {
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
  void aSimulatedProviderSeesImages(String what) {
    Answer answer =
        program()
            .client()
            .post(
                path(simulated("\"time_per_token\": \"0\""), what),
                VisionForm.create("What is it?", VisionForm.PNG),
                VisionForm.TYPE);

    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    String said =
        what.equals("vision")
            ? answer.json().at("/choices/0/message/content").asString()
            : ChatEvents.of(answer.text()).content();
    assertThat(said)
        .contains("What is it?", "image/png of %d bytes".formatted(VisionForm.PNG.length));
  }

  @Test
  void aSimulatedProviderEmbeds() {
    Answer answer =
        run(simulated("\"dimensions\": 8"), "embed", "{\"input\": [\"cat\", \"cat\", \"dog\"]}");

    JsonNode data = answer.json().get("data");
    assertThat(data.size()).isEqualTo(3);
    assertThat(data.at("/0/embedding").size()).isEqualTo(8);
    assertThat(data.at("/0/embedding")).isEqualTo(data.at("/1/embedding"));
    assertThat(data.at("/0/embedding")).isNotEqualTo(data.at("/2/embedding"));
  }

  @Test
  void aStreamThatBreaksOffIsRehearsed() {
    String agent =
        simulated(
            "\"reply\": \"one two three\", \"truncate_after\": 2, \"time_per_token\": \"1ms\"");

    Answer answer = run(agent, "chat/stream", HELLO);

    assertThat(ChatEvents.of(answer.text()).content()).isEqualTo("one two");
    assertThat(answer.text()).contains("event: error\ndata: {").doesNotContain("[DONE]");
  }

  @Test
  void failuresThatPassAreRehearsed() {
    String agent = simulated("\"error_rate\": 0.5, \"error_status\": 503");

    Answer first = run(agent, "chat", HELLO);
    Answer second = run(agent, "chat", HELLO);

    assertThat(first.header("Agent-Lab-Attempts")).isEqualTo("1");
    assertThat(second.status()).as(second.text()).isEqualTo(200);
    assertThat(second.header("Agent-Lab-Attempts")).isEqualTo("2");
  }

  @Test
  void failuresThatStayAreRehearsed() {
    Answer answer = run(simulated("\"error_rate\": 1"), "chat", HELLO);

    assertThat(answer.status()).isEqualTo(502);
    assertThat(answer.json().get("type").asString()).isEqualTo("/problems/upstream-failed");
    assertThat(answer.text()).contains("the provider returned status 500");
  }

  @ParameterizedTest
  @ValueSource(strings = {"chat", "chat/stream"})
  void aCallerThatHangsUpBeforeTheAnswerIsSeenByTheProvider(String what) throws Exception {
    try (FakeUpstream upstream = FakeUpstream.start((_, _) -> {})) {
      int connection;
      try (RawConnection _ = asking(agent(compatible(upstream)), what)) {
        connection = upstream.request().connection();
      }

      assertSeenBy(upstream, connection, "hanging up on " + what);
    }
  }

  @Test
  void aCallerThatHangsUpInTheMiddleIsSeenByTheProvider() throws Exception {
    try (FakeUpstream upstream = FakeUpstream.start((_, out) -> talk(out))) {
      int connection;
      try (RawConnection caller = asking(agent(compatible(upstream)), "chat/stream")) {
        connection = upstream.request().connection();
        assertThat(caller.reply().orElseThrow().status()).isEqualTo(200);
      }

      assertSeenBy(upstream, connection, "hanging up on a stream");
    }
  }

  private static void assertSeenBy(FakeUpstream upstream, int connection, String what)
      throws InterruptedException {
    long begin = System.nanoTime();
    assertThat(upstream.disconnect()).isEqualTo(connection);
    Duration time = Duration.ofNanos(System.nanoTime() - begin);
    Measurements.note(what, time);
    assertThat(time).isLessThan(SOON);
  }

  /// Says something without end.
  private static void talk(OutputStream out) throws IOException {
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

  /// A connection on which an agent was asked something.
  private RawConnection asking(String agent, String what) throws IOException {
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

  /// An agent that follows a registered provider which is simulated.
  ///
  /// @param options JSON members
  private String simulated(String options) {
    return agent("{\"name\": \"simulated\", \"options\": {%s}}".formatted(options));
  }

  private static String compatible(FakeUpstream upstream) {
    return "{\"name\": \"openai-compatible\", \"base_url\": \"%s\", \"options\": {}}"
        .formatted(upstream.url("/v1"));
  }

  /// An agent that follows a registered provider.
  private String agent(String provider) {
    String name = "provider " + UUID.randomUUID();
    created("/api/providers", name, provider);
    return created(
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

  private JsonNode created(String path, String name, String config) {
    Answer made =
        program().client().post(path, "{\"name\": \"%s\", \"config\": %s}".formatted(name, config));
    assertThat(made.status()).as(made.text()).isEqualTo(201);
    return made.json();
  }
}
