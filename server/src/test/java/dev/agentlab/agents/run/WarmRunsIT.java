package dev.agentlab.agents.run;

import static dev.agentlab.agents.AgentApi.uniqueName;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.agents.AgentApi;
import dev.agentlab.database.TestPostgres;
import dev.agentlab.server.TestClient;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.server.TestServer;
import dev.agentlab.testing.Await;
import dev.agentlab.testing.FakeUpstream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Verifies on which threads model calls are handled. A call whose agent and provider are in memory
/// needs no thread but the event loop of its connection.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WarmRunsIT {
  private static final String CHAT = "{\"prompt\": \"Hi\"}";
  private static final String STREAM =
      """
      data: {"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"stop"}]}

      data: [DONE]

      """;

  @RegisterExtension private final ScriptedRuns runs = new ScriptedRuns();

  @TempDir private Path directory;

  @Test
  void warmRunStaysOnTheEventLoop() throws Exception {
    String name = uniqueName("warm").replace(' ', '-');
    runs.setScript((request, out) ->
        ScriptedRuns.write(
            out,
            request.body().contains("\"stream\":true")
                ? FakeUpstream.response("200 OK", "text/event-stream", STREAM)
                : FakeUpstream.json(ScriptedRuns.COMPLETION)));
    String providerName = uniqueName("provider");
    String provider = runs.createProvider(providerName);
    String config =
        "{\"provider_id\": \"%s\", \"model\": {\"name\": \"llama3.2\", \"capabilities\": {\"chat\": {}}}}"
            .formatted(provider);
    Answer created = new AgentApi(runs.server()).create(name, config);
    assertThat(created.status()).as(created.text()).isEqualTo(201);
    String id = AgentApi.id(created);

    for (String agent : List.of(id, name)) {
      for (String path : List.of("chat", "chat/stream")) {
        // Several times, because the caches are not used while the change feed is delayed.
        List<String> _ =
            Await.until(
                "a run needs no other thread: " + path,
                () -> threadsStartedBy(() -> run(agent, path, CHAT)),
                List::isEmpty);
      }
    }
    for (String model : List.of(name, providerName + "/llama3.2")) {
      for (boolean stream : List.of(false, true)) {
        List<String> _ =
            Await.until(
                "a call of the gateway needs no other thread: " + model,
                () -> threadsStartedBy(() -> call(model, stream)),
                List::isEmpty);
      }
    }
    assertThat(threadsStartedBy(() -> run(id, "chat?revision=1", CHAT)))
        .as("a given revision is read from the database")
        .contains("offloaded");
    String large = "{\"prompt\": \"%s\"}".formatted("x".repeat(100_000));
    assertThat(threadsStartedBy(() -> run(id, "chat", large)))
        .as("a large body")
        .contains("request");
  }

  /// A file may be on a slow volume.
  @Test
  void referencedSecretIsReadOnAnotherThread() throws Exception {
    runs.setScript(ScriptedRuns.jsonResponse(ScriptedRuns.COMPLETION));
    Files.writeString(directory.resolve("key"), "sk-1");
    TestServer server =
        new TestServer(
            TestPostgres.migratedDatabase(),
            directory.resolve("data"),
            Map.of("SECRETS_FOLDER", directory.toString()));
    server.start();
    try {
      String config = runs.ollamaConfig("", "\"token\": {\"file\": \"key\"}, ");
      TestClient client = server.client();
      Answer provider =
          client.post(
              "/api/providers", "{\"name\": \"referring\", \"config\": %s}".formatted(config));
      assertThat(provider.status()).as(provider.text()).isEqualTo(201);
      Answer agent =
          new AgentApi(server)
              .create(
                  "helper",
                  "{\"provider\": \"referring\", \"model\": {\"name\": \"llama3.2\", \"capabilities\": {\"chat\": {}}}}");
      assertThat(agent.status()).as(agent.text()).isEqualTo(201);

      for (String model : List.of("referring/llama3.2", "helper")) {
        // The first call reads the rows from the database.
        for (int i = 0; i < 5; i++) {
          assertThat(threadsStartedBy(() -> call(client, model, false)))
              .as(model)
              .contains("offloaded");
        }
      }
    } finally {
      server.stop();
    }
  }

  private void call(String model, boolean stream) {
    call(runs.client(), model, stream);
  }

  private static void call(TestClient client, String model, boolean stream) {
    Answer answer =
        client.post(
            "/v1/chat/completions",
            "{\"model\":\"%s\",\"messages\":[],\"stream\":%s}".formatted(model, stream));
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
  }

  private void run(String agent, String path, String body) {
    Answer answer = runs.client().post("/api/agents/%s/%s".formatted(agent, path), body);
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
  }

  /// The names of the threads that handled a part of the run instead of the event loop.
  private List<String> threadsStartedBy(Runnable action) throws IOException {
    Path file = directory.resolve("threads.jfr");
    try (Recording recording = new Recording()) {
      recording.enable("jdk.VirtualThreadStart");
      recording.start();
      action.run();
      recording.stop();
      recording.dump(file);
    }
    return RecordingFile.readAllEvents(file).stream()
        .filter(event -> event.getEventType().getName().equals("jdk.VirtualThreadStart"))
        .map(event -> event.getThread().getJavaName())
        .filter(Set.of("request", "offloaded")::contains)
        .toList();
  }
}
