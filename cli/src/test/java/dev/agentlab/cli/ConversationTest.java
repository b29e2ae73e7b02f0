package dev.agentlab.cli;

import static dev.agentlab.cli.FakeAgents.AGENT;
import static dev.agentlab.cli.FakeAgents.STREAM;
import static dev.agentlab.cli.FakeAgents.delta;
import static dev.agentlab.cli.FakeAgents.end;
import static dev.agentlab.cli.FakeAgents.events;
import static dev.agentlab.cli.FakeAgents.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.json.Json;
import dev.agentlab.testing.FakeUpstream;
import dev.agentlab.testing.FakeUpstream.Request;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// `agent chat` without a prompt, on a terminal.
class ConversationTest {
  private final FakeService service = FakeAgents.service();

  @TempDir private Path folder;

  @AfterEach
  void stop() {
    service.close();
  }

  private CommandRun runConversation(String... typed) {
    return CommandRun.With.service(service).in(folder).typing(typed).run("agent", "chat", "helper");
  }

  private void respondWith(String... texts) {
    for (String text : texts) {
      service.on(STREAM, events(text(text) + end("stop")));
    }
  }

  /// The messages of each request, as role and content.
  private List<List<String>> sentMessages() {
    return service.requests().stream()
        .filter(asked -> asked.line().equals(STREAM))
        .map(asked -> Json.MAPPER.readTree(asked.body()).path("messages"))
        .map(messages ->
            messages
                .valueStream()
                .map(message ->
                    message.path("role").asString() + " " + message.path("content").asString("…"))
                .toList())
        .toList();
  }

  @Test
  void everyRequestContainsPreviousMessages() {
    respondWith("one", "two");

    CommandRun run = runConversation("first", "", "second");

    assertThat(run.code()).isZero();
    assertThat(run.prompts()).containsOnly("> ");
    assertThat(run.out()).containsSubsequence("helper at revision 7", "one\n", "two\n");
    assertThat(sentMessages())
        .containsExactly(
            List.of("user first"), List.of("user first", "assistant one", "user second"));
  }

  @Test
  void trailingBackslashContinuesMessage() {
    respondWith("one");

    CommandRun run = runConversation("a\\", "b\\", "c");

    assertThat(run.prompts()).startsWith("> ", "… ", "… ");
    assertThat(sentMessages()).containsExactly(List.of("user a\nb\nc"));
  }

  @Test
  void resetClearsConversation() {
    respondWith("one", "two");

    runConversation("first", "/reset", "second");

    assertThat(sentMessages().getLast()).containsExactly("user second");
  }

  @Test
  void exitCommandEndsConversation() {
    CommandRun run = runConversation("/exit", "first");

    assertThat(run.code()).isZero();
    assertThat(sentMessages()).isEmpty();
  }

  @Test
  void helpListsCommandsAndUnknownCommandIsRejected() {
    respondWith("one");

    CommandRun run = runConversation("/help", "/nonsense", " /etc is a folder?");

    assertThat(run.out()).contains("/image FILE", "/reset", "/model", "/exit", "Ctrl-C");
    assertThat(run.err()).contains("unknown command /nonsense; type /help for help");
    assertThat(sentMessages()).containsExactly(List.of("user /etc is a folder?"));
  }

  @Test
  void modelCommandPrintsConfiguredOrLastResponder() {
    respondWith("one");

    CommandRun run = runConversation("/model", "first", "/model");

    assertThat(run.out())
        .containsSubsequence(
            "provider  local",
            "model     llama3.2\n",
            "revision  7",
            "provider  café+1",
            "model     llama3.2:8b",
            "revision  8");
  }

  @Test
  void failedMessageIsReportedAndRemoved() {
    service.on(STREAM, 502, "{\"detail\": \"the provider returned status 500\", \"error\": \"x\"}");
    respondWith("two");

    CommandRun run = runConversation("first", "second");

    assertThat(run.code()).isZero();
    assertThat(run.err()).contains("the provider returned status 500");
    assertThat(sentMessages().getLast()).containsExactly("user second");
  }

  @Test
  void messageWithEmptyResponseIsReportedAndRemoved() {
    service.on(STREAM, events(end("stop")));
    respondWith("two");

    CommandRun run = runConversation("first", "second");

    assertThat(run.err()).contains("the response is empty");
    assertThat(sentMessages().getLast()).containsExactly("user second");
  }

  @Test
  void imageIsAttachedToNextMessageOnly() throws IOException {
    Files.writeString(folder.resolve("my cat.gif"), "GIF89a");
    respondWith("a cat", "yes");

    CommandRun run = runConversation("/image 'my cat.gif'", "what is it?", "sure?");

    assertThat(run.out()).contains("attached my cat.gif to the next message (image/gif, 6 bytes)");
    JsonNode messages = Json.MAPPER.readTree(service.requests().getLast().body()).path("messages");
    assertThat(messages.at("/0/content/1/image_url/url").asString())
        .isEqualTo("data:image/gif;base64,R0lGODlh");
    assertThat(messages.at("/2/content").asString()).isEqualTo("sure?");
  }

  @Test
  void imageCommandRequiresFile() {
    CommandRun run =
        CommandRun.With.service(service).typing("/image").run("agent", "chat", "helper");

    assertThat(run.err()).contains("/image FILE");
  }

  @Test
  void usageIsPrintedOnlyOnColourTerminal() {
    respondWith("one");
    CommandRun.With onTerminal = CommandRun.With.service(service).typing("first");

    assertThat(onTerminal.inColour().run("agent", "chat", "helper").out())
        .containsPattern("one\n\u001b\\[2m5 tokens in, 2 out, \\d+\\.\\d s\u001b\\[0m\n");
    assertThat(onTerminal.run("agent", "chat", "helper").out()).doesNotContain("tokens");
    assertThat(onTerminal.inColour().run("agent", "chat", "helper", "-q").out())
        .isEqualTo("one\n\n");
  }

  @Test
  void conversationRejectsJsonAndNoStream() {
    CommandRun.With onTerminal = CommandRun.With.service(service).typing("first");

    assertThat(onTerminal.run("agent", "chat", "helper", "--json").code()).isEqualTo(2);
    assertThat(onTerminal.run("agent", "chat", "helper", "--no-stream").code()).isEqualTo(2);
  }

  /// Starts a conversation and returns its exit code when it ends.
  private CompletableFuture<Integer> startConversation(FakeUpstream service, FakeUser user) {
    return CompletableFuture.supplyAsync(() ->
        AgentLab.run(
            new CommandRun.NoExtension(),
            new LaunchContext(
                Map.of("AGENT_LAB_URL", service.url("").toString()),
                folder,
                folder,
                user.terminal()),
            "agent",
            "chat",
            "helper"));
  }

  @Test
  void interruptCancelsResponseAndConversationContinues() throws Exception {
    FakeUser user = new FakeUser("first", "second");
    try (FakeUpstream slow = FakeUpstream.start(ConversationTest::answer)) {
      CompletableFuture<Integer> code = startConversation(slow, user);

      user.awaitOutput("Hel");
      assertThat(user.pressInterrupt()).isTrue();
      user.awaitOutput("stopped");
      user.awaitOutput("Hello.");

      assertThat(code.get(10, TimeUnit.SECONDS)).isZero();
      assertThat(user.pressInterrupt()).isFalse();
      assertThat(List.of(slow.disconnect(), slow.disconnect())).contains(1);
      String last = "";
      while (!slow.isIdle()) {
        last = slow.request().body();
      }
      assertThat(Json.MAPPER.readTree(last).path("messages"))
          .extracting(message -> message.path("content").asString())
          .containsExactly("first", "Hel", "second");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{\"role\": \"assistant\", \"content\": \"\"}",
        "{\"role\": \"assistant\"}",
      })
  void waitingNoteIsShownUntilFirstContent(String firstDelta) throws Exception {
    FakeUser user = new FakeUser("first");
    CountDownLatch seen = new CountDownLatch(1);
    String begun = firstDelta.isEmpty() ? "" : FakeUpstream.events() + delta(firstDelta);
    String rest = (begun.isEmpty() ? FakeUpstream.events() : "") + text("Hello.") + end("stop");
    try (FakeUpstream slow =
        FakeUpstream.start((request, out) -> answerOnce(seen, begun, rest, request, out))) {
      CompletableFuture<Integer> code = startConversation(slow, user);

      user.awaitOutput("waiting for helper to respond, including provider retries: 1 s");
      seen.countDown();
      user.awaitOutput("Hello.");

      assertThat(code.get(10, TimeUnit.SECONDS)).isZero();
    }
  }

  private static void answerOnce(
      CountDownLatch seen, String begun, String rest, Request request, OutputStream out)
      throws IOException {
    String line = request.requestLine();
    if (!line.contains("/chat/stream")) {
      answer(request, out);
      return;
    }
    out.write(begun.getBytes(StandardCharsets.UTF_8));
    out.flush();
    Thread.ofVirtual()
        .start(() -> {
          try {
            seen.await();
            out.write(rest.getBytes(StandardCharsets.UTF_8));
            out.close();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }

  /// Responds like the service, but does not end the response to the first message.
  private static void answer(Request request, OutputStream out) throws IOException {
    String answer =
        switch (request.requestLine().split(" ", 3)[1]) {
          case "/api/agents/helper" -> FakeUpstream.json(AGENT);
          default ->
              FakeUpstream.events()
                  + text("Hel")
                  + (request.body().contains("second") ? text("lo.") + end("stop") : "");
        };
    out.write(answer.getBytes(StandardCharsets.UTF_8));
    out.flush();
    if (request.body().contains("second")) {
      out.close();
    }
  }

  /// A simulated user who types lines, reads the output and presses Ctrl-C.
  private static final class FakeUser extends StringWriter implements Terminal.Keyboard {
    private final Deque<String> lines;
    private final CompletableFuture<BooleanSupplier> interrupt = new CompletableFuture<>();
    private int seen;

    FakeUser(String... lines) {
      this.lines = new ArrayDeque<>(List.of(lines));
    }

    Terminal terminal() {
      PrintWriter out = new PrintWriter(this);
      return new Terminal(out, out, InputStream.nullInputStream(), Optional.of(this), false);
    }

    /// Waits for text that follows the text found last.
    void awaitOutput(String text) throws InterruptedException {
      synchronized (getBuffer()) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (getBuffer().indexOf(text, seen) < 0) {
          if (System.nanoTime() > deadline) {
            throw new AssertionError("expected \"%s\" in %s".formatted(text, this));
          }
          getBuffer().wait(100);
        }
        seen = getBuffer().indexOf(text, seen) + text.length();
      }
    }

    /// Presses Ctrl-C.
    ///
    /// @return whether it interrupted a response
    boolean pressInterrupt() throws Exception {
      return interrupt.get(10, TimeUnit.SECONDS).getAsBoolean();
    }

    @Override
    public Optional<String> readLine(String prompt) {
      return Optional.ofNullable(lines.poll());
    }

    @Override
    public Optional<String> readSecret(String prompt) {
      return readLine(prompt);
    }

    @Override
    public Terminal.LineEditor openEditor(BooleanSupplier action) {
      interrupt.complete(action);
      return new Terminal.LineEditor() {
        @Override
        public Optional<String> readLine(String prompt) {
          return FakeUser.this.readLine(prompt);
        }

        @Override
        public void close() {}
      };
    }
  }
}
