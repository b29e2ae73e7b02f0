package dev.agentlab.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.e2e.WriteWorkload.Reply;
import dev.agentlab.server.TestClient;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.testing.Await;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The service while its PostgreSQL is stopped or frozen, and afterwards. The time limits are a
/// multiple of the documented ones, because the machine may be busy; the measured times are
/// printed.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class DatabaseOutageE2ETest {
  private static final Duration STOPPED =
      Duration.ofSeconds(Integer.getInteger("chaos.outage.seconds", 30));
  private static final Duration FROZEN = Duration.ofSeconds(6);
  private static final Duration MAX_RESPONSE_TIME_WHILE_STOPPED = Duration.ofSeconds(5);
  private static final Duration MAX_RESPONSE_TIME_WHILE_FROZEN = Duration.ofSeconds(8);

  /// The documented limit, which is several times the usual duration.
  private static final Duration MAX_RECOVERY_TIME = Duration.ofSeconds(5);

  private static final int WRITERS = 12;
  private static final int ENOUGH_WRITES = 200;

  /// A key that does not exist. Without the database it cannot be rejected.
  private static final String WELL_FORMED =
      "agl_key_000000000000_00000000000000000000000000000000000000000001h8Jdp";

  /// Shared by all tests, because the first start on the database creates the admin key here.
  private Path folder;

  private ExternalPostgres postgres;

  @BeforeAll
  void startPostgres(@TempDir Path own, @TempDir Path data) throws Exception {
    folder = own;
    postgres = ExternalPostgres.started(data);
  }

  @AfterAll
  void stopPostgres() throws Exception {
    postgres.close();
  }

  @Test
  void startWaitsForAStoppedDatabase() throws Exception {
    postgres.stop();
    try (Program program = Program.start(folder, postgres.environment())) {
      Await.until("the service is live", () -> program.status("/healthz") == 200);
      assertThat(program.status("/readyz")).isEqualTo(503);
      TestClient client = program.client().as(WELL_FORMED);
      assertUnavailable(client.get("/api/providers"));
      assertUnavailable(
          client.post(
              "/api/providers",
              """
              {"name": "x", "config": {"name": "ollama", "base_url": "http://127.0.0.1"}}\
              """));

      postgres.start();
      Duration ready = Await.until("the service is ready", () -> program.status("/readyz") == 200);
      Measurements.print("time from the start of the database until ready", ready);
      assertThat(program.status("/api/providers")).isEqualTo(200);
      assertThat(program.stop()).isZero();
    } finally {
      postgres.start();
    }
  }

  @Test
  void serviceWaitingForTheDatabaseCanBeStopped() throws Exception {
    postgres.stop();
    try (Program program = Program.start(folder, postgres.environment())) {
      Await.until("the service is live", () -> program.status("/healthz") == 200);
      assertThat(program.stop()).as(program.log()).isZero();
      assertThat(program.log()).contains("initiating shutdown", "server stopped gracefully");
    } finally {
      postgres.start();
    }
  }

  @Test
  void stoppedDatabaseGives503AndLosesNoAcknowledgedWrite() throws Exception {
    AcknowledgedWrites writes = new AcknowledgedWrites();
    try (Program program = Program.serve(folder, postgres.environment());
        WriteWorkload workload = WriteWorkload.start(program.client(), writes, WRITERS)) {
      workload.awaitMore(ENOUGH_WRITES);
      postgres.stop();
      assertUnready(program, STOPPED);
      postgres.start();
      Duration recovery = workload.awaitMore(1);
      Measurements.print("time from the start of the database to the first write", recovery);
      assertThat(recovery).isLessThan(MAX_RECOVERY_TIME);
      workload.awaitMore(ENOUGH_WRITES);
      Await.until("the service is ready", () -> program.status("/readyz") == 200);

      assertSuccessOrUnavailable(workload.stop(), MAX_RESPONSE_TIME_WHILE_STOPPED);
      writes.verify(program.client());
    } finally {
      postgres.start();
    }
  }

  @Test
  void frozenDatabaseGives503AndLosesNoAcknowledgedWrite() throws Exception {
    AcknowledgedWrites writes = new AcknowledgedWrites();
    try (Program program = Program.serve(folder, postgres.environment());
        WriteWorkload workload = WriteWorkload.start(program.client(), writes, WRITERS)) {
      workload.awaitMore(ENOUGH_WRITES);
      postgres.freeze();
      try {
        assertUnready(program, FROZEN);
      } finally {
        postgres.thaw();
      }
      Measurements.print("time from the thaw to the first write", workload.awaitMore(1));
      workload.awaitMore(ENOUGH_WRITES);
      Await.until("the service is ready", () -> program.status("/readyz") == 200);

      assertSuccessOrUnavailable(workload.stop(), MAX_RESPONSE_TIME_WHILE_FROZEN);
      writes.verify(program.client());
    }
  }

  @Test
  void callsOfKnownKeysContinueWithoutTheDatabase() throws Exception {
    try (Program program = Program.serve(folder, postgres.environment())) {
      TestClient client = program.client();
      create(client, "/api/providers", "outage-sim", "{\"name\": \"simulated\"}");
      create(
          client,
          "/api/agents",
          "outage-agent",
          "{\"provider\": \"outage-sim\", \"model\": {\"name\": \"m\"}}");
      create(
          client,
          "/api/routes",
          "outage-route",
          "{\"targets\": [{\"provider\": \"outage-sim\", \"model\": \"m\"}]}");
      List<String> models = List.of("outage-sim/m", "outage-agent", "outage-route");
      models.forEach(model -> assertThat(chat(client, model).status()).isEqualTo(200));
      postgres.stop();
      try {
        Measurements.print(
            "time from the outage until calls are answered without the database",
            lastUnavailable(client, Duration.ofSeconds(4)));
        Await.until("the service is not ready", () -> program.status("/readyz") == 503);
        assertThat(program.status("/readyz/calls")).isEqualTo(200);
        long end = System.nanoTime() + Duration.ofSeconds(8).toNanos();
        while (System.nanoTime() < end) {
          for (String model : models) {
            Answer answer = chat(client, model);
            assertThat(answer.status()).as(model + ": " + answer.text()).isEqualTo(200);
          }
        }
        assertUnavailable(client.as(WELL_FORMED).get("/api/scopes"));
        assertThat(client.get("/api/scopes").status()).isEqualTo(200);
        assertUnavailable(client.get("/api/providers"));
      } finally {
        postgres.start();
      }
      Await.until("the service is ready", () -> program.status("/readyz") == 200);
      assertThat(client.get("/api/providers").status()).isEqualTo(200);
    }
  }

  /// The time from now to the last call that is answered with 503, of those within a duration.
  private static Duration lastUnavailable(TestClient client, Duration time) {
    long begin = System.nanoTime();
    long last = begin;
    while (System.nanoTime() - begin < time.toNanos()) {
      if (chat(client, "outage-sim/m").status() == 503) {
        last = System.nanoTime();
      }
    }
    return Duration.ofNanos(last - begin);
  }

  private static void create(TestClient client, String path, String name, String config) {
    Answer created =
        client.post(path, "{\"name\": \"%s\", \"config\": %s}".formatted(name, config));
    assertThat(created.status()).as(created.text()).isEqualTo(201);
  }

  private static Answer chat(TestClient client, String model) {
    return client.post(
        "/v1/chat/completions",
        "{\"model\": \"%s\", \"messages\": [{\"role\": \"user\", \"content\": \"Hi\"}]}"
            .formatted(model));
  }

  /// Asserts for a duration that the service is live but not ready.
  private static void assertUnready(Program program, Duration time) throws Exception {
    long end = System.nanoTime() + time.toNanos();
    Measurements.print(
        "time from the outage until not ready",
        Await.until("the service is not ready", () -> program.status("/readyz") == 503));
    while (System.nanoTime() < end) {
      long begin = System.nanoTime();
      assertThat(program.status("/healthz")).isEqualTo(200);
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
      assertThat(program.status("/readyz")).isEqualTo(503);
      Thread.sleep(100);
    }
  }

  private static void assertUnavailable(Answer answer) {
    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.header("Retry-After")).isNotEmpty();
    assertThat(answer.json().get("error").asString()).isNotEmpty();
  }

  private static void assertSuccessOrUnavailable(List<Reply> replies, Duration limit) {
    assertThat(replies)
        .allSatisfy(reply -> {
          assertThat(reply.status()).isIn(200, 201, 204, 503);
          assertThat(reply.retryAfter().isEmpty()).isEqualTo(reply.status() != 503);
          assertThat(reply.after()).isLessThan(limit);
        });
    List<Duration> unavailable =
        replies.stream()
            .filter(reply -> reply.status() == 503)
            .map(Reply::after)
            .sorted(Comparator.naturalOrder())
            .toList();
    assertThat(unavailable).isNotEmpty();
    Measurements.print("median time to a 503", unavailable.get(unavailable.size() / 2));
    Measurements.print("maximum time to a 503", unavailable.getLast());
  }
}
