package dev.agentlab.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.database.embedded.TestServers;
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

/// Callers who want the same thing at the same moment: one gets it, the others are told why not.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class ConcurrentWritesE2ETest {
  private static final int ROUNDS = 5;
  private static final int CALLERS = 16;

  private Program program;

  @BeforeAll
  void serve(@TempDir Path folder) throws Exception {
    TestServers.copyPrograms(folder.resolve("data"));
    program = Program.serve(folder, Map.of());
  }

  @AfterAll
  void stop() {
    program.close();
  }

  @RepeatedTest(ROUNDS)
  void ofTwoCreatesWithOneNameOneSucceeds() throws Exception {
    String name = unique();
    assertThat(atOnce(repeated(2, () -> create(name)))).containsExactlyInAnyOrder(201, 409);
    assertThat(client().get("/api/providers?name=" + name).json().get("total").asInt()).isOne();
  }

  @RepeatedTest(ROUNDS)
  void ofManyCreatesWithOneNameOneSucceeds() throws Exception {
    String name = unique();
    assertOneWon(atOnce(repeated(CALLERS, () -> create(name))), 201, 409);
    assertThat(client().get("/api/providers?name=" + name).json().get("total").asInt()).isOne();
  }

  @RepeatedTest(ROUNDS)
  void ofManyRenamesToOneNameOneSucceeds() throws Exception {
    String name = unique();
    List<Callable<Answer>> renames = new ArrayList<>();
    for (int i = 0; i < CALLERS; i++) {
      String path = create(unique()).header("Location");
      renames.add(() -> client().put(path, body(name)));
    }
    assertOneWon(atOnce(renames), 200, 409);
    assertThat(client().get("/api/providers?name=" + name).json().get("total").asInt()).isOne();
  }

  @RepeatedTest(ROUNDS)
  void ofManyDeletesOneSucceeds() throws Exception {
    String path = create(unique()).header("Location");
    assertOneWon(atOnce(repeated(CALLERS, () -> client().delete(path))), 204, 404);
    assertThat(client().get(path).status()).isEqualTo(404);
  }

  @RepeatedTest(ROUNDS)
  void ofUpdatesAndDeletesOfOneVersionOneSucceeds() throws Exception {
    Answer made = create(unique());
    String path = made.header("Location");
    String version = made.header("ETag");
    List<Callable<Answer>> changes = new ArrayList<>();
    changes.addAll(
        repeated(CALLERS / 2, () -> client().put(path, body(unique()), "If-Match", version)));
    changes.addAll(repeated(CALLERS / 2, () -> client().delete(path, "If-Match", version)));
    Collections.shuffle(changes);

    List<Integer> answers = atOnce(changes);
    boolean deleted = client().get(path).status() == 404;
    assertOneWon(answers, deleted ? 204 : 200, deleted ? 404 : 412);
  }

  @RepeatedTest(ROUNDS)
  void anUpdateAndADeleteThatDoNotAskForAVersionLeaveNothing() throws Exception {
    String path = create(unique()).header("Location");
    List<Integer> answers =
        atOnce(List.of(() -> client().put(path, body(unique())), () -> client().delete(path)));
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
    return "raced-" + UUID.randomUUID();
  }

  private static void assertOneWon(List<Integer> answers, int won, int lost) {
    assertThat(answers).containsOnlyOnce(won).containsOnly(won, lost);
  }

  private static List<Callable<Answer>> repeated(int times, Callable<Answer> call) {
    return Collections.nCopies(times, call);
  }

  /// The status of each answer.
  private static List<Integer> atOnce(List<Callable<Answer>> calls) throws Exception {
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
