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

/// The service while its PostgreSQL is away or frozen, and after. The limits of time are a few
/// times what is promised, because the machine may be busy; the log has what was measured.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class DatabaseOutageE2ETest {
  private static final Duration STOPPED =
      Duration.ofSeconds(Integer.getInteger("chaos.outage.seconds", 30));
  private static final Duration FROZEN = Duration.ofSeconds(6);
  private static final Duration LONGEST_ANSWER_WHILE_STOPPED = Duration.ofSeconds(5);
  private static final Duration LONGEST_ANSWER_WHILE_FROZEN = Duration.ofSeconds(8);

  /// What is promised, and several times what is needed.
  private static final Duration LONGEST_RECOVERY = Duration.ofSeconds(5);

  private static final int WRITERS = 12;
  private static final int ENOUGH_WRITES = 200;

  /// Nobody can tell yet that it is no key.
  private static final String WELL_FORMED =
      "agl_key_000000000000_00000000000000000000000000000000000000000001h8Jdp";

  /// One for all starts, because the first of them over the database makes the admin key.
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
  void databaseThatIsAwayAtTheStartIsWaitedFor() throws Exception {
    postgres.stop();
    try (Program program = Program.start(folder, postgres.environment())) {
      Await.until("the service lives", () -> program.status("/healthz") == 200);
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
      Measurements.note("ready after the database", ready);
      assertThat(program.status("/api/providers")).isEqualTo(200);
      assertThat(program.stop()).isZero();
    } finally {
      postgres.start();
    }
  }

  @Test
  void serviceThatWaitsForTheDatabaseCanBeStopped() throws Exception {
    postgres.stop();
    try (Program program = Program.start(folder, postgres.environment())) {
      Await.until("the service lives", () -> program.status("/healthz") == 200);
      assertThat(program.stop()).as(program.log()).isZero();
      assertThat(program.log()).contains("initiating shutdown", "server stopped gracefully");
    } finally {
      postgres.start();
    }
  }

  @Test
  void databaseStoppedUnderLoadIsAnsweredForAndLosesNothing() throws Exception {
    AcknowledgedWrites ledger = new AcknowledgedWrites();
    try (Program program = Program.serve(folder, postgres.environment());
        WriteWorkload writers = WriteWorkload.start(program.client(), ledger, WRITERS)) {
      writers.awaitMore(ENOUGH_WRITES);
      postgres.stop();
      assertUnready(program, STOPPED);
      postgres.start();
      Duration recovery = writers.awaitMore(1);
      Measurements.note("a write after the database", recovery);
      assertThat(recovery).isLessThan(LONGEST_RECOVERY);
      writers.awaitMore(ENOUGH_WRITES);
      Await.until("the service is ready", () -> program.status("/readyz") == 200);

      assertSuccessOrUnavailable(writers.stop(), LONGEST_ANSWER_WHILE_STOPPED);
      ledger.verify(program.client());
    } finally {
      postgres.start();
    }
  }

  @Test
  void frozenDatabaseIsAnsweredForAndLosesNothing() throws Exception {
    AcknowledgedWrites ledger = new AcknowledgedWrites();
    try (Program program = Program.serve(folder, postgres.environment());
        WriteWorkload writers = WriteWorkload.start(program.client(), ledger, WRITERS)) {
      writers.awaitMore(ENOUGH_WRITES);
      postgres.freeze();
      try {
        assertUnready(program, FROZEN);
      } finally {
        postgres.thaw();
      }
      Measurements.note("a write after the thaw", writers.awaitMore(1));
      writers.awaitMore(ENOUGH_WRITES);
      Await.until("the service is ready", () -> program.status("/readyz") == 200);

      assertSuccessOrUnavailable(writers.stop(), LONGEST_ANSWER_WHILE_FROZEN);
      ledger.verify(program.client());
    }
  }

  /// Holds the service for a time to what it says of itself when its database does not answer.
  private static void assertUnready(Program program, Duration time) throws Exception {
    long end = System.nanoTime() + time.toNanos();
    Measurements.note(
        "not ready after the outage began",
        Await.until("the service is not ready", () -> program.status("/readyz") == 503));
    while (System.nanoTime() < end) {
      long asked = System.nanoTime();
      assertThat(program.status("/healthz")).isEqualTo(200);
      assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(Duration.ofSeconds(5));
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
    List<Duration> refused =
        replies.stream()
            .filter(reply -> reply.status() == 503)
            .map(Reply::after)
            .sorted(Comparator.naturalOrder())
            .toList();
    assertThat(refused).isNotEmpty();
    Measurements.note("median of the refusals", refused.get(refused.size() / 2));
    Measurements.note("longest of the refusals", refused.getLast());
  }
}
