package dev.agentlab.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.server.TestClient;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.testing.Await;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Three replicas behind a balancer that restart in turn under load.
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class RollingRestartE2ETest {
  private static final int REPLICAS = 3;
  private static final int WRITERS = 4;
  private static final int STREAMS = 4;

  @TempDir private Path folder;

  private final List<Program> replicas = new ArrayList<>();
  private final List<Integer> ports = new ArrayList<>();
  private final Map<String, String> environment = new TreeMap<>();
  private ExternalPostgres postgres;

  @BeforeEach
  void start(@TempDir Path data) throws Exception {
    postgres = ExternalPostgres.roomy(data);
    environment.putAll(postgres.environment());
    environment.put("SECRETS_KEY", "b25lIGtleSBvZiB0aGlydHktdHdvIGJ5dGVzIGhlcmU=");
    environment.put("SERVER_SHUTDOWN_DELAY", "1s");
    for (int i = 0; i < REPLICAS; i++) {
      ports.add(Program.freePort());
      Files.createDirectory(folder.resolve("replica" + i));
      replicas.add(serve(i));
    }
  }

  @AfterEach
  void stop() throws Exception {
    replicas.forEach(Program::terminate);
    replicas.forEach(Program::close);
    postgres.close();
  }

  private Program serve(int replica) throws Exception {
    Map<String, String> own = new TreeMap<>(environment);
    own.put("SERVER_PORT", ports.get(replica).toString());
    return Program.serve(folder.resolve("replica" + replica), own);
  }

  @Test
  void noRequestFailsAndNoStreamIsCutInARestartAndARollback() throws Exception {
    AcknowledgedWrites writes = new AcknowledgedWrites();
    TestClient admin = replicas.getFirst().client();
    String key = replicas.getFirst().key().orElseThrow();
    define(admin);
    try (TcpBalancer balancer = new TcpBalancer(ports)) {
      awaitReady(balancer, REPLICAS);
      try (StreamWorkload streams =
              new StreamWorkload(TestClient.of(balancer.url()).as(key), STREAMS);
          WriteWorkload writers =
              WriteWorkload.start(TestClient.of(balancer.url()).as(key), writes, WRITERS)) {
        restartAll(balancer);
        // What the first replica of the next release would do: this one is then the release before.
        migrateToTheNextRelease();
        restartAll(balancer);

        assertThat(writers.stop())
            .extracting(WriteWorkload.Reply::status)
            .hasSizeGreaterThan(100)
            .containsOnly(200, 201, 204);
        assertThat(streams.stop())
            .hasSizeGreaterThan(2 * REPLICAS)
            .allSatisfy(stream -> assertThat(stream).endsWith("data: [DONE]\n\n"));
      }
    }
    writes.verify(replicas.getLast().client().as(key));
    assertThat(replicas)
        .allSatisfy(it ->
            assertThat(it.log())
                .contains("of a newer agent-lab")
                .doesNotContain("ERROR", "connections aborted"));
  }

  private void restartAll(TcpBalancer balancer) throws Exception {
    for (int i = 0; i < REPLICAS; i++) {
      assertThat(replicas.get(i).stop()).as(replicas.get(i).log()).isZero();
      awaitReady(balancer, REPLICAS - 1);
      replicas.set(i, serve(i));
      awaitReady(balancer, REPLICAS);
    }
  }

  private static void awaitReady(TcpBalancer balancer, int count) throws Exception {
    Await.until("the balancer notices", () -> balancer.ready().size() == count);
  }

  private void migrateToTheNextRelease() throws Exception {
    try (Connection connection = postgres.connect();
        Statement statement = connection.createStatement()) {
      statement.execute(
          """
          ALTER TABLE providers ADD COLUMN of_the_next_release TEXT;
          UPDATE agent_lab_migrations SET oldest_program = version, version = version + 1
          """);
    }
  }

  /// An agent whose streams take about a second.
  private static void define(TestClient admin) {
    created(
        admin.post(
            "/api/providers",
            """
            {"name": "slow", "config": {"name": "simulated", "options": {"time_per_token": "20ms"}}}\
            """));
    created(
        admin.post(
            "/api/agents",
            """
            {"name": "slow", "config": {"provider": "slow", "model": {"name": "simulated"}}}\
            """));
  }

  private static void created(Answer answer) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(201);
  }

  /// Callers that read one stream after another.
  private static final class StreamWorkload implements AutoCloseable {
    private static final String REQUEST =
        """
        {"model": "slow", "stream": true, "messages": [{"role": "user",
         "content": "%s"}]}\
        """
            .formatted("Count to a large number, slowly and aloud. ".repeat(4));

    private final TestClient service;
    private final Queue<String> streams = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Future<?>> running = new ArrayList<>();

    StreamWorkload(TestClient service, int count) {
      this.service = service;
      for (int i = 0; i < count; i++) {
        running.add(threads.submit(this::read));
      }
    }

    private void read() {
      while (!stopped.get()) {
        try {
          Answer answer = service.post("/v1/chat/completions", REQUEST);
          streams.add(answer.status() == 200 ? answer.text() : "status " + answer.status());
        } catch (IllegalStateException e) {
          streams.add("no response: " + e.getCause());
        }
      }
    }

    /// Ends after the streams in progress.
    ///
    /// @return what was received of each stream
    List<String> stop() throws Exception {
      stopped.set(true);
      for (Future<?> reader : running) {
        reader.get(60, TimeUnit.SECONDS);
      }
      return List.copyOf(streams);
    }

    @Override
    public void close() {
      stopped.set(true);
      threads.shutdownNow();
      service.http().shutdownNow();
    }
  }
}
