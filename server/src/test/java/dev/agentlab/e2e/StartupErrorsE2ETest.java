package dev.agentlab.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.agentlab.e2e.Program.Result;
import dev.agentlab.postgres.TestServers;
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

/// Errors that prevent the start: the service reports each with the setting to change, and exits.
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class StartupErrorsE2ETest {
  @TempDir private Path folder;

  @Test
  void portInUseIsReportedAndNoDatabaseKeepsRunning() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      String port = Integer.toString(taken.getLocalPort());
      Result failed = serve(Map.of("SERVER_PORT", port));
      assertStartFailed(failed, "127.0.0.1:" + port, "in use", "server.port", "SERVER_PORT");
      assertNoDatabaseIsRunning();
    }
  }

  @Test
  void secondServiceOnTheSameDataIsRejected() throws Exception {
    TestServers.prepare(folder.resolve("data"));
    try (Program first = Program.serve(folder, Map.of())) {
      Result second = serve(Map.of());
      assertStartFailed(
          second,
          folder.resolve("data").toString(),
          "another process (%d) is using it".formatted(first.pid()));
      assertThat(first.status("/api/providers")).isEqualTo(200);
      assertThat(first.stop()).isZero();
    }
  }

  @Test
  void fileAsDataFolderIsReported() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));
    assertDataFolderRejected(file, "not a folder");
  }

  @Test
  void dataFolderBelowAFileIsReported() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));
    assertDataFolderRejected(file.resolve("data"), "Not a directory");
  }

  @Test
  void unwritableDataFolderIsReported() throws Exception {
    Path locked = Files.createDirectory(folder.resolve("locked"));
    Files.setPosixFilePermissions(locked, PosixFilePermissions.fromString("r-x------"));
    assumeTrue(!Files.isWritable(locked), "this user can write everywhere");
    assertDataFolderRejected(locked, "may not write");
    assertDataFolderRejected(locked.resolve("data"), "may not write");
  }

  @Test
  void dataFolderThatCannotBeCreatedIsReported() throws Exception {
    Path nowhere = Path.of("/proc/agent-lab/data");
    assumeTrue(Files.isDirectory(Path.of("/proc/self")), "this system has no /proc");
    assertDataFolderRejected(nowhere, "/proc");
  }

  private void assertDataFolderRejected(Path dataDir, String reason) throws Exception {
    Result failed = serve(Map.of("SERVICE_DATA_DIR", dataDir.toString()));
    assertStartFailed(failed, "data_dir", "SERVICE_DATA_DIR", dataDir.toString(), reason);
    assertNoDatabaseIsRunning();
  }

  @Test
  void allConfigurationErrorsAreReportedTogether() throws Exception {
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
    Result failed =
        serve(Map.of("SERVER_PORT", "http", "LOGGING_LEVEL", "loud", "CORS_ENABLED", "perhaps"));
    assertStartFailed(
        78,
        failed,
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
  void invalidTomlIsReportedWithItsLine() throws Exception {
    Files.writeString(folder.resolve("config.toml"), "[server\nport = 1\n");
    assertStartFailed(78, serve(Map.of()), "config.toml", "line 1");
  }

  @Test
  void wrongDatabasePasswordIsReported(@TempDir Path data) throws Exception {
    try (ExternalPostgres postgres = ExternalPostgres.roomy(data)) {
      Map<String, String> environment = new HashMap<>(postgres.environment());
      environment.put("DATABASE_PASSWORD", "wrong-secret");
      Result failed = serve(environment);
      assertStartFailed(failed, "127.0.0.1", "password authentication failed", "agent_lab");
      assertThat(failed.out() + failed.err()).doesNotContain("wrong-secret");
    }
  }

  private Result serve(Map<String, String> environment) throws Exception {
    Map<String, String> more = new HashMap<>(environment);
    more.putIfAbsent("SERVER_PORT", Integer.toString(Program.freePort()));
    return Program.run(folder, more, "serve");
  }

  private static void assertStartFailed(Result result, String... words) {
    assertStartFailed(1, result, words);
  }

  private static void assertStartFailed(int code, Result result, String... words) {
    assertThat(result.code()).as(result.out()).isEqualTo(code);
    assertThat(result.err()).contains(words).doesNotContain("\tat ", "Exception");
    assertThat(result.out()).doesNotContain("\tat ", "agent-lab is ready");
  }

  /// Asserts that no PostgreSQL is running in the folder of the test.
  private void assertNoDatabaseIsRunning() {
    try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
      assertThat(all.map(it -> it.info().commandLine().orElse("")))
          .noneMatch(line -> line.contains("postgres") && line.contains(folder.toString()));
    }
  }
}
