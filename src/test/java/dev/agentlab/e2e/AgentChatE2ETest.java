package dev.agentlab.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.agentlab.e2e.Program.Result;
import dev.agentlab.upstream.FakeUpstream;
import dev.agentlab.upstream.FakeUpstream.Request;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `agent chat` against a running service: streaming, disconnect, interrupt and line editing.
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

  @TempDir private Path folder;

  /// Opens when the upstream may send the rest of its response.
  private final CountDownLatch rest = new CountDownLatch(1);

  @Test
  void responseIsPrintedWhileItIsStreamed() throws Exception {
    try (FakeUpstream upstream = FakeUpstream.start(this::answer);
        Program program = program(upstream)) {
      Process chat = program.begin("agent", "chat", "helper", "Greet me.");

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
    try (FakeUpstream upstream = FakeUpstream.start(this::answer);
        Program program = program(upstream)) {
      Process chat = program.begin("agent", "chat", "helper", "Greet me.");
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
    try (FakeUpstream upstream = FakeUpstream.start(this::answer);
        Program program = program(upstream)) {
      Process chat = program.beginOnTerminal("agent chat helper");
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
    try (FakeUpstream upstream = FakeUpstream.start(this::answer);
        Program program = program(upstream)) {
      Process chat = program.beginOnTerminal("agent chat helper");
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

  private Program program(FakeUpstream upstream) throws Exception {
    Program program = Program.serve(folder, Map.of());
    List<String[]> commands =
        List.of(
            new String[] {
              "provider",
              "add",
              "local",
              "--kind",
              "openai-compatible",
              "--base-url",
              upstream.url("/v1").toString(),
              "--no-test"
            },
            new String[] {
              "agent",
              "add",
              "helper",
              "--provider",
              "local",
              "--model",
              "m",
              "--system",
              "Be brief."
            });
    for (String[] command : commands) {
      Result result = program.run(command);
      assertThat(result.code()).as(result.err()).isZero();
    }
    return program;
  }

  /// Sends half of a response, and the other half when [#rest] opens.
  private void answer(Request request, OutputStream out) throws IOException {
    out.write((FakeUpstream.events() + CHUNK.formatted("Hel")).getBytes(StandardCharsets.UTF_8));
    out.flush();
    Thread.ofVirtual()
        .start(() -> {
          try {
            rest.await();
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
