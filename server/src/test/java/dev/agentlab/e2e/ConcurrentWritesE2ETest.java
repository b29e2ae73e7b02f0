package dev.agentlab.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.postgres.TestServers;
import dev.agentlab.server.TestClient;
import dev.agentlab.server.TestClient.Answer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Concurrent conflicting writes: one succeeds, the others are rejected with the reason.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class ConcurrentWritesE2ETest {
  private static final int ROUNDS = 5;
  private static final int CALLERS = 16;

  private Program program;

  @BeforeAll
  void serve(@TempDir Path folder) throws Exception {
    TestServers.prepare(folder.resolve("data"));
    program = Program.serve(folder, Map.of());
  }

  @AfterAll
  void stop() {
    program.close();
  }

  @RepeatedTest(ROUNDS)
  void onlyOneOfTwoCreatesWithTheSameNameSucceeds() throws Exception {
    String name = unique();
    assertThat(sendConcurrently(repeated(2, () -> create(name))))
        .containsExactlyInAnyOrder(201, 409);
    assertThat(client().get("/api/providers?name=" + name).json().get("total").asInt()).isOne();
  }

  @RepeatedTest(ROUNDS)
  void onlyOneOfManyCreatesWithTheSameNameSucceeds() throws Exception {
    String name = unique();
    assertOneSucceeded(sendConcurrently(repeated(CALLERS, () -> create(name))), 201, 409);
    assertThat(client().get("/api/providers?name=" + name).json().get("total").asInt()).isOne();
  }

  @RepeatedTest(ROUNDS)
  void onlyOneOfManyRenamesToTheSameNameSucceeds() throws Exception {
    String name = unique();
    List<Callable<Answer>> renames = new ArrayList<>();
    for (int i = 0; i < CALLERS; i++) {
      String path = create(unique()).header("Location");
      renames.add(() -> client().put(path, body(name)));
    }
    assertOneSucceeded(sendConcurrently(renames), 200, 409);
    assertThat(client().get("/api/providers?name=" + name).json().get("total").asInt()).isOne();
  }

  @RepeatedTest(ROUNDS)
  void onlyOneOfManyDeletesSucceeds() throws Exception {
    String path = create(unique()).header("Location");
    assertOneSucceeded(sendConcurrently(repeated(CALLERS, () -> client().delete(path))), 204, 404);
    assertThat(client().get(path).status()).isEqualTo(404);
  }

  @RepeatedTest(ROUNDS)
  void onlyOneUpdateOrDeleteOfTheSameVersionSucceeds() throws Exception {
    Answer created = create(unique());
    String path = created.header("Location");
    String version = created.header("ETag");
    List<Callable<Answer>> changes = new ArrayList<>();
    changes.addAll(
        repeated(CALLERS / 2, () -> client().put(path, body(unique()), "If-Match", version)));
    changes.addAll(repeated(CALLERS / 2, () -> client().delete(path, "If-Match", version)));
    Collections.shuffle(changes);

    List<Integer> answers = sendConcurrently(changes);
    boolean deleted = client().get(path).status() == 404;
    assertOneSucceeded(answers, deleted ? 204 : 200, deleted ? 404 : 412);
  }

  @RepeatedTest(ROUNDS)
  void unconditionalUpdateDoesNotRestoreADeletedProvider() throws Exception {
    String path = create(unique()).header("Location");
    List<Integer> answers =
        sendConcurrently(
            List.of(() -> client().put(path, body(unique())), () -> client().delete(path)));
    assertThat(answers.get(0)).isIn(200, 404);
    assertThat(answers.get(1)).isEqualTo(204);
    assertThat(client().get(path).status()).isEqualTo(404);
  }

  private TestClient client() {
    return program.client();
  }

  private Answer create(String name) {
    return client().post("/api/providers", body(name));
  }

  private static String body(String name) {
    return """
    {"name": "%s", "config": {"name": "ollama", "base_url": "http://127.0.0.1:11434"}}\
    """
        .formatted(name);
  }

  private static String unique() {
    return "concurrent-" + UUID.randomUUID();
  }

  private static void assertOneSucceeded(List<Integer> answers, int success, int failure) {
    assertThat(answers).containsOnlyOnce(success).containsOnly(success, failure);
  }

  private static List<Callable<Answer>> repeated(int times, Callable<Answer> call) {
    return Collections.nCopies(times, call);
  }

  /// Sends requests concurrently and returns the statuses of the responses.
  private static List<Integer> sendConcurrently(List<Callable<Answer>> calls) throws Exception {
    CountDownLatch together = new CountDownLatch(calls.size());
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Answer>> answers = new ArrayList<>();
      for (Callable<Answer> call : calls) {
        answers.add(
            threads.submit(() -> {
              together.countDown();
              together.await();
              return call.call();
            }));
      }
      List<Integer> statuses = new ArrayList<>();
      for (Future<Answer> answer : answers) {
        statuses.add(answer.get().status());
      }
      return statuses;
    }
  }
}
