package dev.agentlab.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SecretsCommandsTest {
  private static final String ROTATE = "POST /api/secrets/rotate";

  private final FakeService service = new FakeService();

  @TempDir private Path folder;

  @AfterEach
  void stop() {
    service.close();
  }

  private CommandRun run(String... arguments) {
    return CommandRun.With.service(service).in(folder).run(arguments);
  }

  private void status(String source, int outdated) {
    service.on(
        "GET /api/secrets",
        200,
        "{\"key\": \"k2\", \"source\": \"%s\", \"data_keys\": 12, \"outdated\": %d}"
            .formatted(source, outdated));
  }

  @ParameterizedTest
  @CsvSource({"3, true", "0, false"})
  void statusNotesOutdatedDataKeys(int outdated, boolean due) {
    status("environment", outdated);

    CommandRun run = run("secrets", "status");

    assertThat(run.out())
        .containsPattern("key +k2\nsource +environment\n")
        .containsPattern("outdated +%d\nstale replicas +none".formatted(outdated));
    assertThat(run.err().contains("secrets rotate")).isEqualTo(due);
  }

  @ParameterizedTest
  @CsvSource({
    "environment, remove them from secrets.previous_keys: k0",
    "file, removed from master.key: k0",
  })
  void rotationListsUnusedKeys(String source, String text) {
    status(source, 0);
    service.on(
        ROTATE, 200, "{\"key\": \"k2\", \"rewrapped\": 3, \"unused_keys\": [\"k0\", \"k1\"]}");

    CommandRun run = run("secrets", "rotate");

    assertThat(run.code()).isZero();
    assertThat(run.out())
        .startsWith("3 data keys rewrapped with the key k2")
        .contains(text + ", k1");
    assertThat(run("secrets", "rotate", "--json").json().path("rewrapped").asInt()).isEqualTo(3);
  }

  @Test
  void concurrentRotationIsConflict() {
    service.on(ROTATE, 409, "{\"detail\": \"the key is being rotated already\"}");

    CommandRun run = run("secrets", "rotate");

    assertThat(run.code()).isEqualTo(5);
    assertThat(run.err()).contains("being rotated already");
  }

  @Test
  void rotationWithStaleReplicaFailsWithFix() {
    service.on(ROTATE, 409, "{\"detail\": \"h:8081 (environment) lacks k3. Set SECRETS_KEY\"}");

    CommandRun run = run("secrets", "rotate");

    assertThat(run.code()).isEqualTo(5);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains("h:8081 (environment) lacks k3", "Set SECRETS_KEY");
  }

  @Test
  void statusListsStaleReplicasWithFix() {
    service.on(
        "GET /api/secrets",
        200,
        """
        {"key": "k2", "source": "environment", "data_keys": 12, "outdated": 12, "stale_replicas": [
          {"address": "h:8081", "source": "environment", "missing_keys": ["k3", "k4"]}]}
        """);

    CommandRun run = run("secrets", "status");

    assertThat(run.out()).contains("h:8081 (environment) lacks the key k3, k4");
    assertThat(run.err()).startsWith("on these replicas set SECRETS_KEY");
  }
}
