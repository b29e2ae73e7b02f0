package dev.agentlab.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.agentlab.e2e.Program.Result;
import dev.agentlab.postgres.TestServers;
import dev.agentlab.testing.FakeUpstream;
import dev.agentlab.testing.FakeUpstream.Request;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `agent chat` against a running service: streaming, disconnect, interrupt and line editing.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class AgentChatE2ETest {
  private static final String CHUNK =
      "data: {\"choices\": [{\"index\": 0, \"delta\": {\"content\": \"%s\"}}]}\n\n";
  private static final String END =
      "data: {\"choices\": [{\"index\": 0, \"delta\": {}, \"finish_reason\": \"stop\"}]}\n\n"
          + "data: [DONE]\n\n";

  private static final String CTRL_C = "\u0003";
  private static final String CTRL_D = "\u0004";
  private static final String START_OF_LINE = "\u0001";
  private static final String LINE_BEFORE = "\u0010";

  private Program program;
  private int agents;

  /// Opens when the upstream may send the rest of its response.
  private volatile CountDownLatch rest = new CountDownLatch(1);

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    TestServers.prepare(folder.resolve("data"));
    program = Program.serve(folder, Map.of());
  }

  @BeforeEach
  void holdBackTheRest() {
    rest = new CountDownLatch(1);
  }

  @AfterAll
  void stop() {
    program.close();
  }

  @Test
  void responseIsPrintedWhileItIsStreamed() throws Exception {
    try (FakeUpstream upstream = FakeUpstream.start(this::answer)) {
      String agent = addAgent(upstream);
      Process chat = program.begin("agent", "chat", agent, "Greet me.");

      assertThat(new String(chat.getInputStream().readNBytes(3), StandardCharsets.UTF_8))
          .isEqualTo("Hel");
      rest.countDown();

      assertThat(new String(chat.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
          .isEqualTo("lo.\n");
      assertThat(chat.waitFor()).isZero();
      assertThat(upstream.request().body())
          .contains("\"role\":\"system\",\"content\":\"Be brief.\"", "Greet me.");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"INT", "KILL"})
  void killedCommandClosesTheProviderConnection(String signal) throws Exception {
    try (FakeUpstream upstream = FakeUpstream.start(this::answer)) {
      String agent = addAgent(upstream);
      Process chat = program.begin("agent", "chat", agent, "Greet me.");
      assertThat(chat.getInputStream().readNBytes(3)).hasSize(3);
      int connection = upstream.request().connection();

      new ProcessBuilder("kill", "-" + signal, Long.toString(chat.pid())).start().waitFor();

      // The upstream still waits, so only the service can have closed the connection.
      assertThat(chat.waitFor()).isNotZero();
      assertThat(upstream.disconnect()).isEqualTo(connection);
    }
  }

  @Test
  void interruptStopsTheResponseThenTheConversation() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "util-linux provides the terminal");
    try (FakeUpstream upstream = FakeUpstream.start(this::answer)) {
      String agent = addAgent(upstream);
      Process chat = program.beginOnTerminal("agent chat " + agent);
      try {
        awaitOutput(chat, "> ");
        type(chat, "Greet me.\n");
        awaitOutput(chat, "Hel");
        type(chat, CTRL_C);
        assertThat(upstream.disconnect()).isEqualTo(upstream.request().connection());
        awaitOutput(chat, "stopped");
        awaitOutput(chat, "> ");
        type(chat, CTRL_C);
        assertThat(chat.waitFor()).isEqualTo(130);
      } finally {
        chat.destroy();
      }
    }
  }

  @Test
  void inputLinesCanBeEditedAndRecalled() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "util-linux provides the terminal");
    rest.countDown();
    try (FakeUpstream upstream = FakeUpstream.start(this::answer)) {
      String agent = addAgent(upstream);
      Process chat = program.beginOnTerminal("agent chat " + agent);
      try {
        awaitOutput(chat, "> ");
        type(chat, "me!" + START_OF_LINE + "Greet \n");
        awaitOutput(chat, "lo.");
        awaitOutput(chat, "> ");
        type(chat, LINE_BEFORE + "\n");
        awaitOutput(chat, "lo.");
        awaitOutput(chat, "> ");
        type(chat, CTRL_D);
        assertThat(chat.waitFor()).isZero();
      } finally {
        chat.destroy();
      }
      assertThat(upstream.request().body()).containsOnlyOnce("Greet me!");
      assertThat(upstream.request().body().split("Greet me!", -1)).hasSize(3);
    }
  }

  private static void type(Process terminal, String text) throws IOException {
    terminal.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    terminal.getOutputStream().flush();
  }

  /// Reads the output up to the end of a text.
  private static void awaitOutput(Process terminal, String text) throws IOException {
    StringBuilder seen = new StringBuilder();
    while (seen.indexOf(text) < 0) {
      int next = terminal.getInputStream().read();
      assertThat(next).as(() -> "output ended after: " + seen).isNotNegative();
      seen.append((char) next);
    }
  }

  /// Adds a provider and an agent on it, and returns the agent's name.
  private String addAgent(FakeUpstream upstream) throws Exception {
    String provider = "local-" + ++agents;
    String agent = "helper-" + agents;
    List<String[]> commands =
        List.of(
            new String[] {
              "provider",
              "add",
              provider,
              "--kind",
              "openai-compatible",
              "--base-url",
              upstream.url("/v1").toString(),
              "--no-test"
            },
            new String[] {
              "agent", "add", agent, "--provider", provider, "--model", "m", "--system", "Be brief."
            });
    for (String[] command : commands) {
      Result result = program.run(command);
      assertThat(result.code()).as(result.err()).isZero();
    }
    return agent;
  }

  /// Sends half of a response, and the other half when [#rest] opens.
  private void answer(Request request, OutputStream out) throws IOException {
    out.write((FakeUpstream.events() + CHUNK.formatted("Hel")).getBytes(StandardCharsets.UTF_8));
    out.flush();
    CountDownLatch released = rest;
    Thread.ofVirtual()
        .start(() -> {
          try {
            released.await();
            out.write((CHUNK.formatted("lo.") + END).getBytes(StandardCharsets.UTF_8));
            out.close();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }
}
