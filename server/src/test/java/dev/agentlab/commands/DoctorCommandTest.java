package dev.agentlab.commands;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.agentlab.cli.CheckResult;
import dev.agentlab.cli.CommandRun;
import dev.agentlab.cli.FakeService;
import dev.agentlab.cli.Terminal.Mark;
import dev.agentlab.database.Migrator;
import dev.agentlab.postgres.TestServers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DoctorCommandTest {
  private static final String PAGE =
      """
      {"data": [{"id": "1", "name": "good", "config": {"base_url": "http://good"}},
                {"id": "2", "name": "bad", "config": {"base_url": "http://bad"}}],
       "total": 2, "page": 1, "page_size": 100, "total_pages": 1}
      """;

  private static final String AGENTS = "GET /api/agents?page_size=1000&page=1";

  private static final String SELF =
      """
      {"kind": "anyone", "id": "anyone", "name": "anyone",
       "scopes": ["agents:read", "providers:read", "providers:write"]}
      """;

  @TempDir private Path folder;

  @Test
  void failingProviderIsReportedForHealthyService() {
    try (FakeService service =
        new FakeService()
            .on("GET /healthz", 200, "OK")
            .on("GET /readyz", 200, "READY")
            .on("GET /api/keys/self", 200, SELF)
            .on("GET /api/providers?page_size=1000&page=1", 200, PAGE)
            .on(AGENTS, 200, "{\"data\": [], \"total\": 0}")
            .on("POST /api/providers/1/probe", 200, "{\"ok\": true, \"models\": [{}, {}]}")
            .on(
                "POST /api/providers/2/probe",
                200,
                """
                {"ok": false, "stages": [{"name": "connect", "status": "failed",
                 "detail": "refused", "cause": "nothing listens", "fix": "start it"}]}
                """)) {
      CommandRun run = ServiceRun.with(service, folder).run("doctor");

      assertThat(run.code()).isEqualTo(6);
      assertThat(run.out())
          .containsPattern("✓ service +ready at " + service.url())
          .containsPattern("✓ provider good +http://good, 2 models")
          .containsPattern("✗ provider bad +http://bad fails to connect: refused")
          .contains("    cause: nothing listens\n    fix: start it");
    }
  }

  @Test
  void dataFolderOfAnotherUserFailsForRoot() throws Exception {
    Path data = Files.createDirectory(folder.resolve("other"));
    assumeTrue(TestServers.run("chown", "1", data.toString()), "needs root");

    CommandRun run =
        ServiceRun.in(folder).environment("SERVICE_DATA_DIR", data.toString()).run("doctor");

    assertThat(run.code()).isEqualTo(6);
    assertThat(run.out())
        .containsPattern("✗ data folder +%s belongs to user \\S+, and this is root".formatted(data))
        .contains("fix: run doctor as the user of the service: runuser -u ");
  }

  @Test
  void successfulChecksExitWithZero() {
    try (FakeService service =
        new FakeService()
            .on("GET /healthz", 200, "OK")
            .on("GET /readyz", 200, "READY")
            .on("GET /api/keys/self", 200, SELF)
            .on("GET /api/providers?page_size=1000&page=1", 200, "{\"data\": []}")
            .on(AGENTS, 200, "{\"data\": [], \"total\": 0}")) {
      CommandRun run = ServiceRun.with(service, folder).run("doctor", "--json");

      assertThat(run.code()).isZero();
      assertThat(run.json().path("ok").asBoolean()).isTrue();
      assertThat(run.json().path("checks"))
          .extracting(check -> check.path("name").asString())
          .containsExactly(
              "java",
              "configuration",
              "data folder",
              "disk",
              "database",
              "service",
              "key",
              "agents");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "2, 2, '✓ agents +2, the providers of all exist', 0",
    "2, 9, '✓ agents +9, the providers of the first 2 exist', 0",
    "3, 2, '✗ agents +2; the provider of these agents does not exist: follower', 6"
  })
  void agentsAreCountedAndTheirProvidersChecked(String followed, int total, String line, int code) {
    try (FakeService service =
        new FakeService()
            .on("GET /healthz", 200, "OK")
            .on("GET /readyz", 200, "READY")
            .on("GET /api/keys/self", 200, SELF)
            .on("GET /api/providers?page_size=1000&page=1", 200, PAGE)
            .on("POST /api/providers/1/probe", 200, "{\"ok\": true, \"models\": [{}]}")
            .on("POST /api/providers/2/probe", 200, "{\"ok\": true, \"models\": []}")
            .on(
                AGENTS,
                200,
                """
                {"data": [{"name": "follower", "config": {"provider_id": "%s"}},
                          {"name": "loner", "config": {"provider": {"name": "ollama"}}}],
                 "total": %d}
                """
                    .formatted(followed, total))) {
      CommandRun run = ServiceRun.with(service, folder).run("doctor");

      assertThat(run.code()).isEqualTo(code);
      assertThat(run.out()).containsPattern(line);
    }
  }

  @Test
  void serviceWaitingForDatabaseIsNotReady() {
    try (FakeService service =
        new FakeService().on("GET /healthz", 200, "OK").on("GET /readyz", 503, "NOT READY")) {
      CommandRun run = ServiceRun.with(service, folder).run("doctor");

      assertThat(run.code()).isEqualTo(6);
      assertThat(run.out()).contains("is not ready", "waits for the database");
    }
  }

  @Test
  void reasonForServiceNotReadyIsPrinted() {
    try (FakeService service =
        new FakeService()
            .on("GET /healthz", 200, "OK")
            .on(
                "GET /readyz",
                503,
                "NOT READY\nthe database lacks the migration 000002_providers")) {
      CommandRun run = ServiceRun.with(service, folder).run("doctor");

      assertThat(run.code()).isEqualTo(6);
      assertThat(run.out())
          .contains("not ready: the database lacks the migration 000002_providers");
    }
  }

  @Test
  void staleReplicasAreListed() {
    try (FakeService service =
        new FakeService()
            .on("GET /healthz", 200, "OK")
            .on("GET /readyz", 200, "READY\nthis replica cannot read the new key k3")
            .on("GET /api/keys/self", 200, "{\"name\": \"ops\", \"scopes\": [\"secrets:admin\"]}")
            .on(
                "GET /api/secrets",
                200,
                """
                {"key": "k2", "stale_replicas": [
                  {"address": "h:8081", "source": "environment", "missing_keys": ["k3"]}]}
                """)) {
      CommandRun run = ServiceRun.with(service, folder).run("doctor");

      assertThat(run.code()).isEqualTo(6);
      assertThat(run.out())
          .containsPattern("✓ service +ready at \\S+: this replica cannot read the new key k3")
          .containsPattern("✗ secrets +.*h:8081 \\(environment\\) lacks the key k3")
          .contains("SECRETS_PREVIOUS_KEYS");
    }
  }

  @Test
  void doctorRunsWithoutService() {
    CommandRun run = ServiceRun.in(folder).run("doctor", "--url", "http://127.0.0.1:1");

    assertThat(run.code()).isEqualTo(6);
    assertThat(run.out())
        .containsPattern("✓ configuration +valid")
        .containsPattern("✗ service +does not respond at http://127.0.0.1:1")
        .containsPattern("– registries +providers and agents are not checked");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--url=http://127.0.0.1:1     | run `SERVER_PORT=1 ./agent-lab serve`, or set",
        "--url=http://127.0.0.1:2     | run `./agent-lab serve`",
        "--url=http://host.invalid:1  | start it there, or set"
      })
  void serviceFixMatchesAddress(String url, String fix) {
    CommandRun run = ServiceRun.in(folder).environment("SERVER_PORT", "2").run("doctor", url);

    assertThat(run.out()).contains("fix: " + fix);
  }

  @Test
  void everyConfigurationErrorIsOneCheck() {
    CommandRun run =
        ServiceRun.in(folder)
            .environment("SERVER_PORT", "http")
            .environment("LOGGING_LEVEL", "loud")
            .run("doctor");

    assertThat(run.code()).isEqualTo(6);
    assertThat(run.out())
        .containsPattern("✗ configuration +server\\.port = ")
        .containsPattern("✗ configuration +logging\\.level = ")
        .containsPattern("– service ");
  }

  @Test
  void unreachableExternalDatabaseFailsCheck() {
    CommandRun run =
        ServiceRun.in(folder)
            .environment("DATABASE_HOST", "127.0.0.1")
            .environment("DATABASE_PORT", "1")
            .environment("DATABASE_NAME", "x")
            .environment("DATABASE_USER", "x")
            .environment("DATABASE_PASSWORD", "hunter2")
            .run("doctor");

    assertThat(run.out())
        .containsPattern("✗ database .*127\\.0\\.0\\.1:1")
        .doesNotContain("hunter2");
  }

  @Test
  void dataFolderAsFileOrWorldWritableFailsCheck() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    Path open = Files.createDirectory(folder.resolve("open"));
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));

    assertThat(DoctorMachineChecks.dataFolder(file).getFirst())
        .matches(CheckResult::hasFailed)
        .extracting(CheckResult::detail)
        .asString()
        .contains("is not a folder");
    assertThat(DoctorMachineChecks.dataFolder(open).getFirst())
        .matches(CheckResult::hasFailed)
        .extracting(CheckResult::detail)
        .asString()
        .contains("every user can write");
    assertThat(DoctorMachineChecks.dataFolder(file.resolve("below")).getFirst())
        .matches(CheckResult::hasFailed);
    assertThat(DoctorMachineChecks.dataFolder(folder.resolve("a/b")))
        .noneMatch(CheckResult::hasFailed);
  }

  @ParameterizedTest
  @CsvSource({"2026-01-01T00:00:03Z, PASSED", "2026-01-01T00:00:06Z, FAILED"})
  void clockDifferenceOfFewSecondsIsAllowed(Instant here, Mark status) {
    assertThat(DoctorDatabaseChecks.clock(Instant.parse("2026-01-01T00:00:00Z"), here).status())
        .isEqualTo(status);
  }

  @ParameterizedTest
  @CsvSource({"1, 1, PASSED", "999999, 1, PASSED", "999999, 999999, FAILED"})
  void newerSchemaFailsCheckIfProgramIsTooOld(long version, long oldestProgram, Mark status) {
    Migrator.State state =
        new Migrator.State(
            OptionalLong.of(version), OptionalLong.of(oldestProgram), OptionalLong.empty());
    assertThat(DoctorDatabaseChecks.schema(state).status()).isEqualTo(status);
  }

  @Test
  void schemaOfGoOriginalRequiresTakeOver() {
    Migrator.State state =
        new Migrator.State(OptionalLong.empty(), OptionalLong.empty(), OptionalLong.of(7));
    CheckResult check = DoctorDatabaseChecks.schema(state);
    assertThat(check.status()).isEqualTo(Mark.FAILED);
    assertThat(check.toString()).contains("version 7", "migrate --take-over");
  }
}
