package dev.agentlab.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HealthCommandTest {
  private final FakeService service = new FakeService();

  @AfterEach
  void stop() {
    service.close();
  }

  private CommandRun run(String... arguments) {
    return CommandRun.With.service(service).in(Path.of("/nonexistent")).run(arguments);
  }

  @ParameterizedTest
  @CsvSource({
    "200, 'READY', 0",
    "200, 'READY\nthe pool is full', 0",
    "503, 'NOT READY\nthe database does not respond', 3"
  })
  void exitCodeAndOutputAreThoseOfReadiness(int status, String body, int code) {
    service.on("GET /readyz", status, body);

    CommandRun run = run("health");

    assertThat(run.code()).isEqualTo(code);
    assertThat(run.out()).isEqualTo(body + "\n");
    assertThat(service.requests().getFirst().headers()).doesNotContainKey("Authorization");
  }

  @Test
  void reasonIsInTheJson() {
    service.on("GET /readyz", 503, "NOT READY\nno database");

    CommandRun run = run("health", "--json");

    assertThat(run.json().get("ready").asBoolean()).isFalse();
    assertThat(run.json().get("detail").asString()).isEqualTo("no database");
  }

  @Test
  void otherServiceFails() {
    service.on("GET /readyz", 404, "<html>");

    CommandRun run = run("health");

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("is not an agent-lab service", "404").doesNotContain("<html>");
  }

  @Test
  void unreachableServiceHasAnExitCodeOfItsOwn() {
    service.close();

    assertThat(run("health").code()).isEqualTo(3);
  }

  @Test
  void waitEndsWhenTheServiceIsReady() {
    service.on("GET /readyz", 503, "NOT READY\nthe service is starting");
    service.on("GET /readyz", 200, "READY");

    CommandRun run = run("health", "--wait", "60s");

    assertThat(run.code()).isZero();
    assertThat(run.out()).isEqualTo("READY\n");
    assertThat(service.requests()).hasSize(2);
  }

  @Test
  void waitEndsWithTheLastReasonWhenItsTimeHasElapsed() {
    service.on("GET /readyz", 503, "NOT READY\nno database");

    CommandRun run = run("health", "--wait", "300ms");

    assertThat(run.code()).isEqualTo(3);
    assertThat(run.out()).contains("no database");
    assertThat(service.requests()).hasSizeGreaterThan(1);
  }

  @Test
  void waitForAnUnreachableServiceEndsWithItsTime() {
    service.close();

    CommandRun run = run("health", "--wait", "300ms");

    assertThat(run.code()).isEqualTo(3);
    assertThat(run.err()).contains("not reachable");
  }

  @Test
  void waitForAnotherServiceFailsAtOnce() {
    service.on("GET /readyz", 404, "<html>");

    assertThat(run("health", "--wait", "10m").code()).isEqualTo(1);
  }

  @Test
  void waitThatIsNoDurationIsRejected() {
    CommandRun run = run("health", "--wait", "soon");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("--wait", "60s", "soon");
  }
}
