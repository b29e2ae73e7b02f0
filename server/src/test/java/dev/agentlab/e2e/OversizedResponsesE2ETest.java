package dev.agentlab.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.agents.run.VisionForm;
import dev.agentlab.postgres.TestServers;
import dev.agentlab.server.TestClient;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.testing.FakeUpstream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The packaged program, with the heap that the launcher configures, under requests and provider
/// responses that are designed to exhaust memory.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class OversizedResponsesE2ETest {
  private static final int CONCURRENT_CALLS = 6;
  private static final String HELLO = "{\"prompt\": \"Hello\"}";
  private static final int BLOCK_BYTES = 1 << 20;

  /// An endless response of a provider; the client must close the connection.
  enum Attack {
    DATA_LINES("openai-compatible", FakeUpstream.events(), "data: a\n"),
    UNFINISHED_EVENT("openai-compatible", FakeUpstream.events() + "data: {\"id\": \"", "aaaaaaaa"),
    MEMBERS_OF_MESSAGE_DELTA(
        "anthropic",
        FakeUpstream.events()
            + "event: message_start\ndata: {\"type\":\"message_start\",\"message\":"
            + "{\"id\":\"m\",\"model\":\"c\",\"usage\":{}}}\n\n",
        "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{},"
            + "\"usage\":{\"%s\":{\"a\":[{},{},{},{},{},{},{},{}]}}}\n\n"),
    ERROR_BODY(
        "openai-compatible",
        "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\n"
            + "Connection: close\r\n\r\n{\"error\": {\"message\": \"",
        "aaaaaaaa");

    private final String kind;
    private final String begin;
    private final String repeated;

    Attack(String kind, String begin, String repeated) {
      this.kind = kind;
      this.begin = begin;
      this.repeated = repeated;
    }

    void answer(OutputStream out) throws IOException {
      out.write(begin.getBytes(StandardCharsets.US_ASCII));
      StringBuilder block = new StringBuilder();
      for (int count = 0; ; count++) {
        block.append(repeated.replace("%s", Integer.toString(count, Character.MAX_RADIX)));
        if (block.length() >= BLOCK_BYTES) {
          out.write(block.toString().getBytes(StandardCharsets.US_ASCII));
          block.setLength(0);
        }
      }
    }
  }

  private Program program;
  private TestClient client;

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    TestServers.prepare(folder.resolve("data"));
    program = Program.serve(folder, Map.of());
    client = program.client();
  }

  @AfterEach
  void serviceIsReady() {
    assertThat(program.isAlive()).as(program.log()).isTrue();
    Answer ready = client.get("/readyz");
    assertThat(ready.status()).as(ready.text()).isEqualTo(200);
  }

  @AfterAll
  void stop() throws Exception {
    try (Program stopping = program) {
      assertThat(stopping.stop()).as(stopping.log()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource
  void endlessProviderResponseFailsOnlyItsCall(Attack attack) throws Exception {
    try (FakeUpstream upstream = FakeUpstream.start((_, out) -> attack.answer(out))) {
      String path = "/api/agents/%s/chat/stream".formatted(createAgent(attack.kind, upstream));

      for (Answer answer : concurrently(() -> client.post(path, HELLO))) {
        assertThat(answer.text())
            .contains(answer.status() == 200 ? "event: error\n" : "/problems/")
            .doesNotContain("[DONE]");
        assertThat(answer.status()).isIn(200, 502, 503);
      }
    }
  }

  @Test
  void formOptionsOfMillionsOfObjectsAreRejected() throws Exception {
    String options = "{\"a\": [" + "{},".repeat(4_000_000) + "{}]}";
    byte[] form = VisionForm.create("What is it?", VisionForm.PNG, Map.of("options", options));
    try (FakeUpstream upstream = FakeUpstream.start("")) {
      String path = "/api/agents/%s/vision".formatted(createAgent("openai-compatible", upstream));

      for (Answer answer : concurrently(() -> client.post(path, form, VisionForm.TYPE))) {
        assertThat(answer.status()).as(answer.text()).isIn(413, 503);
      }
    }
  }

  private static List<Answer> concurrently(Callable<Answer> call) throws Exception {
    List<Answer> answers = new ArrayList<>();
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Answer>> calls = new ArrayList<>();
      for (int i = 0; i < CONCURRENT_CALLS; i++) {
        calls.add(callers.submit(call));
      }
      for (Future<Answer> running : calls) {
        answers.add(running.get());
      }
    }
    return answers;
  }

  /// Creates an agent on a registered provider and returns its id.
  private String createAgent(String kind, FakeUpstream upstream) {
    String name = "provider " + UUID.randomUUID();
    create(
        "/api/providers",
        name,
        "{\"name\": \"%s\", \"base_url\": \"%s\", \"options\": {\"%s\": \"secret-token\"}}"
            .formatted(kind, upstream.url(""), kind.equals("anthropic") ? "api_key" : "token"));
    return create(
        "/api/agents",
        "agent " + UUID.randomUUID(),
        """
        {"provider": "%s", "client": {"retry": {"max_retries": 0}},
         "model": {"name": "any", "capabilities": {"chat": {}, "vision": {}}}}
        """
            .formatted(name));
  }

  private String create(String path, String name, String config) {
    Answer created =
        client.post(path, "{\"name\": \"%s\", \"config\": %s}".formatted(name, config));
    assertThat(created.status()).as(created.text()).isEqualTo(201);
    return created.json().get("id").asString();
  }
}
