package dev.agentlab.commands;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.cli.CommandRun;
import dev.agentlab.cli.FakeService;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Tests the key checks of `doctor`.
class DoctorKeyChecksTest {
  private static final String KEY = "agl_admin_abcdefABCDEF_" + "a".repeat(49);
  private static final String SELF = "GET /api/keys/self";

  private final FakeService service =
      new FakeService().on("GET /healthz", 200, "OK").on("GET /readyz", 200, "READY");

  @TempDir private Path folder;

  @AfterEach
  void stop() {
    service.close();
  }

  private CommandRun doctor(String... more) {
    return ServiceRun.with(service, folder)
        .run(Stream.concat(Stream.of("doctor"), Stream.of(more)).toArray(String[]::new));
  }

  private Path keyFile(String name, String permissions) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.resolveSibling("."));
    Files.writeString(file, KEY);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
  }

  @Test
  void missingKeyIsReportedOnce() {
    service.on(SELF, 401, "{\"detail\": \"give an API key\"}");

    CommandRun run = doctor();

    assertThat(run.code()).isEqualTo(6);
    assertThat(run.out().lines().filter(line -> line.startsWith("✗"))).hasSize(1);
    assertThat(run.out())
        .containsPattern("✗ key +no API key found: .*admin\\.key")
        .containsPattern("– registries ");
  }

  @Test
  void rejectedKeyIsReportedWithItsSource() throws IOException {
    service.on(SELF, 401, "{\"detail\": \"revoked\"}");
    Path file = keyFile("data/admin.key", "rw-------");

    assertThat(doctor().out())
        .contains("the API key in %s was rejected".formatted(file))
        .doesNotContain(KEY);
  }

  @Test
  void missingScopeOfKeyIsReported() throws IOException {
    service.on(SELF, 200, "{\"name\": \"ci\", \"scopes\": [\"invoke\", \"agents:read\"]}");
    keyFile("my.key", "rw-------");

    CommandRun run = doctor("--key-file", "my.key");

    assertThat(run.code()).isZero();
    assertThat(run.out())
        .containsPattern("✓ key +ci from \\S+my.key, scopes: invoke, agents:read")
        .containsPattern("– registries +not checked: the API key lacks providers:read\n");
  }

  @Test
  void serviceWithoutApiKeysSkipsKeyCheck() {
    service.on(SELF, 404, "{\"detail\": \"no such resource\"}");

    assertThat(doctor().out())
        .containsPattern("– key +this version of the service has no API keys");
  }

  @Test
  void fileWithoutKeyDoesNotStopOtherChecks() throws IOException {
    Files.writeString(folder.resolve("my.key"), "hunter2");

    CommandRun run = doctor("--key-file", "my.key");

    assertThat(run.code()).isEqualTo(6);
    assertThat(run.out())
        .containsPattern("✓ configuration ")
        .containsPattern("✗ connection .*my.key does not contain a key")
        .doesNotContain("hunter2");
  }

  @ParameterizedTest
  @CsvSource({
    "rw-------, passed",
    "r--------, passed",
    "rw-r-----, failed",
    "rw----r--, failed",
  })
  void keyFileReadableByOtherUsersFails(String permissions, String status) throws IOException {
    keyFile("data/admin.key", permissions);
    keyFile("data/master.key", permissions);
    keyFile("my.key", permissions);

    assertThat(doctor("--key-file", "my.key", "--json").json().path("checks").valueStream())
        .filteredOn(check -> check.path("name").asString().matches("(admin|master) key|key file"))
        .hasSize(3)
        .allSatisfy(check -> assertThat(check.path("status").asString()).isEqualTo(status));
  }

  @Test
  void healthChecksSendNoKey() throws IOException {
    keyFile("data/admin.key", "rw-------");
    doctor();

    assertThat(service.requests("GET /healthz").headers()).doesNotContainKey("Authorization");
    assertThat(service.requests(SELF).header("Authorization")).isEqualTo("Bearer " + KEY);
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 403, 404, 500})
  void keyInResponseIsNotPrinted(int status) throws IOException {
    keyFile("data/admin.key", "rw-------");
    service.on(SELF, status, "{\"detail\": \"no %1$s\", \"error\": \"%1$s\"}".formatted(KEY));

    CommandRun run = doctor();

    assertThat(run.out() + run.err()).doesNotContain(KEY);
  }
}
