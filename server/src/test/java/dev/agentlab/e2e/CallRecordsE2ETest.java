package dev.agentlab.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.postgres.TestServers;
import dev.agentlab.server.TestClient;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.testing.Await;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
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

/// The records of calls when the service is killed under load.
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class CallRecordsE2ETest {
  private static final int ROUNDS = Integer.getInteger("chaos.rounds", 3);
  private static final int CALLERS = 8;
  private static final int CALLS_BEFORE_KILL = 300;

  @TempDir private Path folder;

  /// The ids of the requests whose response was complete.
  private final Set<String> completed = ConcurrentHashMap.newKeySet();

  private Optional<Program> last = Optional.empty();

  @BeforeEach
  void prepareData() throws Exception {
    TestServers.prepare(folder.resolve("data"));
  }

  @AfterEach
  void closeLast() {
    last.ifPresent(Program::close);
  }

  private Program start() throws Exception {
    Program program = Program.serve(folder, Map.of());
    last = Optional.of(program);
    return program;
  }

  @Test
  void killedServiceLosesNoRecordOfCompletedCalls() throws Exception {
    Program program = start();
    Answer created =
        program
            .client()
            .post(
                "/api/providers",
                "{\"name\": \"sim\", \"config\": {\"name\": \"simulated\", \"options\": {\"time_per_token\": \"0\"}}}");
    assertThat(created.status()).as(created.text()).isEqualTo(201);
    for (int round = 0; round < ROUNDS; round++) {
      callUntilKilled(program);
      program = start();
    }
    Program running = program;
    assertThat(completed).hasSizeGreaterThanOrEqualTo(ROUNDS * CALLS_BEFORE_KILL);
    Await.until(
        "all records are in the database", () -> recorded(running).keySet().containsAll(completed));
    assertThat(recorded(running).values()).as("records of a request").containsOnly(1L);
    assertThat(running.stop()).as(running.log()).isZero();
    assertThat(running.log()).doesNotContain("ERROR");
  }

  private void callUntilKilled(Program program) throws Exception {
    TestClient own = TestClient.of(program.client().base());
    TestClient client = own.as(program.client().key().orElseThrow());
    AtomicBoolean stopped = new AtomicBoolean();
    int before = completed.size();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> callers = new ArrayList<>();
      for (int i = 0; i < CALLERS; i++) {
        boolean streams = i % 2 == 0;
        callers.add(threads.submit(() -> call(client, streams, stopped)));
      }
      Await.until("calls are completed", () -> completed.size() >= before + CALLS_BEFORE_KILL);
      program.kill();
      stopped.set(true);
      for (Future<?> caller : callers) {
        caller.get(60, TimeUnit.SECONDS);
      }
    }
  }

  private void call(TestClient client, boolean streams, AtomicBoolean stopped) {
    while (!stopped.get()) {
      String id = UUID.randomUUID().toString();
      try {
        Answer answer =
            client.post(
                "/v1/chat/completions",
                "{\"model\": \"sim/m\", \"stream\": %s, \"messages\": [{\"role\": \"user\", \"content\": \"Hi\"}]}"
                    .formatted(streams),
                "X-Request-Id",
                id);
        if (answer.status() == 200 && (!streams || answer.text().endsWith("data: [DONE]\n\n"))) {
          completed.add(id);
        }
      } catch (RuntimeException | Error _) {
        // The service was killed.
      }
    }
  }

  /// The number of records by the id of the request.
  private static Map<String, Long> recorded(Program program) throws SQLException {
    String sql = "SELECT request_id, count(*) FROM calls GROUP BY request_id";
    Map<String, Long> records = new HashMap<>();
    try (Connection connection = program.connectToDatabase();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        records.put(rows.getString(1), rows.getLong(2));
      }
    }
    return records;
  }
}
