package dev.agentlab.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.agentlab.database.embedded.TestServers;
import dev.agentlab.e2e.Program.Result;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What keeps the service from starting: it says what and where to change it, and ends.
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class StartupErrorsE2ETest {
  @TempDir private Path folder;

  @Test
  void portInUseIsNamedAndNothingIsLeftRunning() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      String port = Integer.toString(taken.getLocalPort());
      Result refused = serve(Map.of("SERVER_PORT", port));
      assertRefused(refused, "127.0.0.1:" + port, "in use", "server.port", "SERVER_PORT");
      assertNoDatabaseRuns();
    }
  }

  @Test
  void secondServiceOnTheSameDataIsRefusedAndTheFirstGoesOn() throws Exception {
    TestServers.copyPrograms(folder.resolve("data"));
    try (Program first = Program.serve(folder, Map.of())) {
      Result second = serve(Map.of());
      assertRefused(
          second,
          folder.resolve("data").toString(),
          "another agent-lab (process %d) is using it".formatted(first.pid()));
      assertThat(first.status("/api/providers")).isEqualTo(200);
      assertThat(first.stop()).isZero();
    }
  }

  @Test
  void dataFolderThatIsAFileIsNamed() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));
    assertDataFolderRefused(file, "not a folder");
  }

  @Test
  void dataFolderBelowAFileIsNamed() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));
    assertDataFolderRefused(file.resolve("data"), "Not a directory");
  }

  @Test
  void dataFolderThatMayNotBeWrittenIsNamed() throws Exception {
    Path locked = Files.createDirectory(folder.resolve("locked"));
    Files.setPosixFilePermissions(locked, PosixFilePermissions.fromString("r-x------"));
    assumeTrue(!Files.isWritable(locked), "this user may write everywhere");
    assertDataFolderRefused(locked, "may not write");
    assertDataFolderRefused(locked.resolve("data"), "may not write");
  }

  @Test
  void dataFolderWhereNobodyCanMakeOneIsNamed() throws Exception {
    Path nowhere = Path.of("/proc/agent-lab/data");
    assumeTrue(Files.isDirectory(Path.of("/proc/self")), "this system has no /proc");
    assertDataFolderRefused(nowhere, "/proc");
  }

  private void assertDataFolderRefused(Path dataDir, String reason) throws Exception {
    Result refused = serve(Map.of("SERVICE_DATA_DIR", dataDir.toString()));
    assertRefused(refused, "data_dir", "SERVICE_DATA_DIR", dataDir.toString(), reason);
    assertNoDatabaseRuns();
  }

  @Test
  void everyFaultOfTheConfigurationIsNamedAtOnce() throws Exception {
    Files.writeString(
        folder.resolve("config.toml"),
        """
        shutdown_timeout = "soon"
        [server]
        prot = 8080
        [database]
        max_open_conns = 0
        password = 17
        """);
    Result refused =
        serve(Map.of("SERVER_PORT", "http", "LOGGING_LEVEL", "loud", "CORS_ENABLED", "perhaps"));
    assertRefused(
        refused,
        "shutdown_timeout",
        "soon",
        "server.prot",
        "server.port",
        "SERVER_PORT",
        "http",
        "database.max_open_conns",
        "database.password",
        "LOGGING_LEVEL",
        "loud",
        "CORS_ENABLED",
        "perhaps");
    assertThat(Files.exists(folder.resolve("data"))).isFalse();
  }

  @Test
  void configurationThatIsNoTomlIsNamedWithItsPlace() throws Exception {
    Files.writeString(folder.resolve("config.toml"), "[server\nport = 1\n");
    assertRefused(serve(Map.of()), "config.toml", "line 1");
  }

  @Test
  void databaseThatRefusesThePasswordIsNamed(@TempDir Path data) throws Exception {
    try (ExternalPostgres postgres = ExternalPostgres.roomy(data)) {
      Map<String, String> environment = new HashMap<>(postgres.environment());
      environment.put("DATABASE_PASSWORD", "wrong-secret");
      Result refused = serve(environment);
      assertRefused(refused, "127.0.0.1", "password authentication failed", "agent_lab");
      assertThat(refused.out() + refused.err()).doesNotContain("wrong-secret");
    }
  }

  private Result serve(Map<String, String> environment) throws Exception {
    Map<String, String> more = new HashMap<>(environment);
    more.putIfAbsent("SERVER_PORT", Integer.toString(Program.freePort()));
    return Program.run(folder, more, "serve");
  }

  private static void assertRefused(Result result, String... words) {
    assertThat(result.code()).as(result.out()).isEqualTo(1);
    assertThat(result.err()).contains(words).doesNotContain("\tat ", "Exception");
    assertThat(result.out()).doesNotContain("\tat ", "agent-lab is ready");
  }

  /// Whether no process works in a folder below the test's.
  private void assertNoDatabaseRuns() {
    try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
      assertThat(all.map(it -> it.info().commandLine().orElse("")))
          .noneMatch(line -> line.contains("postgres") && line.contains(folder.toString()));
    }
  }
}
