package dev.agentlab.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.agentlab.testing.Await;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EmbeddedPostgresIT {
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(10);

  @TempDir private Path dataDir;

  private EmbeddedPostgres server = new EmbeddedPostgres(Path.of("none"), TestServers.NAME, 1);

  @AfterEach
  void stop() throws Exception {
    server.stop(STOP_TIMEOUT);
  }

  @Test
  void dataSurvivesRestart() throws Exception {
    TestServers.prepare(dataDir);
    start();
    execute("CREATE TABLE kept AS SELECT 42 AS answer");
    server.stop(STOP_TIMEOUT);
    assertThat(PostmasterPid.exists(TestServers.data(dataDir))).isFalse();
    start();
    assertThat(queryText("SELECT answer FROM kept")).isEqualTo("42");
  }

  @Test
  void settingsAreSafe() throws Exception {
    start();
    Map<String, String> expected =
        Map.of(
            "fsync", "on",
            "synchronous_commit", "on",
            "full_page_writes", "on",
            "data_checksums", "on",
            "listen_addresses", "127.0.0.1",
            "server_encoding", "UTF8",
            "password_encryption", "scram-sha-256",
            "is_superuser", "off");
    for (var setting : expected.entrySet()) {
      assertThat(queryText("SHOW " + setting.getKey()))
          .as(setting.getKey())
          .isEqualTo(setting.getValue());
    }
  }

  @Test
  void collationIsIndependentOfTheMachine() throws Exception {
    start();
    assertThat(
            queryText(
                "SELECT datlocprovider::text || datlocale FROM pg_database WHERE datname = 'agent_lab'"))
        .isEqualTo("bC.UTF-8");
    assertThat(queryText("SELECT 'ÄPFEL' ILIKE '%äpf%'")).isEqualTo("t");
  }

  @Test
  void wrongPasswordIsRejected() throws Exception {
    start();
    for (String user : List.of(TestServers.NAME, PostgresCluster.SUPERUSER)) {
      assertThatThrownBy(() -> DriverManager.getConnection(url(), user, "wrong"))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("28P01"));
    }
  }

  @Test
  void filesAreAccessibleToOwnerOnly() throws Exception {
    start();
    Path folder = dataDir.resolve("postgres");
    assertThat(permissions(folder)).isEqualTo("rwx------");
    assertThat(permissions(folder.resolve("cluster/agent_lab.password"))).isEqualTo("rw-------");
    assertThat(permissions(folder.resolve("cluster/postgres.password"))).isEqualTo("rw-------");
  }

  @Test
  void serverDoesNotInheritEnvironment() throws Exception {
    start();
    Path environment = Path.of("/proc/%d/environ".formatted(TestServers.postmaster(dataDir).pid()));
    assumeTrue(Files.exists(environment));
    assertThat(Files.readString(environment)).doesNotContain("PATH=", "HOME=");
  }

  @Test
  void secondProcessOnSameFolderIsRefused() throws Exception {
    TestServers.prepare(dataDir);
    try (OtherJvm other = OtherJvm.start(dataDir)) {
      assertThat(other.result()).startsWith("started");
      assertThatThrownBy(this::start)
          .hasMessageContaining("cannot start in " + dataDir)
          .hasMessageContaining("another process (%d)".formatted(other.process().pid()));
    }
    start();
  }

  @Test
  void orphanedServerIsTerminated() throws Exception {
    TestServers.prepare(dataDir);
    OtherJvm other = OtherJvm.start(dataDir);
    ProcessHandle orphan = TestServers.postmaster(dataDir);
    other.kill();
    assertThat(orphan.isAlive()).isTrue();
    start();
    assertThat(TestServers.postmaster(dataDir).pid()).isNotEqualTo(orphan.pid());
    Await.until("the orphan has ended", () -> !orphan.isAlive());
  }

  @Test
  void frozenOrphanedServerIsTerminated() throws Exception {
    TestServers.prepare(dataDir);
    OtherJvm other = OtherJvm.start(dataDir);
    List<ProcessHandle> orphans = TestServers.processes(dataDir);
    other.kill();
    // Kills the postmaster while the other processes are frozen and cannot notice.
    for (ProcessHandle orphan : orphans) {
      TestServers.signal(orphan, "STOP");
    }
    TestServers.signal(orphans.getFirst(), "KILL");
    start();
    assertThat(queryText("SELECT 1")).isEqualTo("1");
  }

  @Test
  void unrelatedPidInPidFileDoesNotPreventStart() throws Exception {
    TestServers.prepare(dataDir);
    start();
    Path file = TestServers.data(dataDir).resolve("postmaster.pid");
    List<String> lines = Files.readAllLines(file);
    server.stop(STOP_TIMEOUT);
    Process sleeper = new ProcessBuilder("sleep", "600").start();
    try {
      Files.write(
          file, Stream.concat(Stream.of("" + sleeper.pid()), lines.stream().skip(1)).toList());
      start();
      assertThat(sleeper.isAlive()).isTrue();
    } finally {
      sleeper.destroyForcibly();
    }
  }

  @Test
  void killedServerIsRestarted() throws Exception {
    TestServers.prepare(dataDir);
    start();
    ProcessHandle killed = TestServers.postmaster(dataDir);
    TestServers.signal(killed, "KILL");
    Await.until(
        "another server is ready",
        () -> PostmasterPid.read(TestServers.data(dataDir)),
        found -> found.filter(it -> it.isReady() && it.pid() != killed.pid()).isPresent());
    assertThat(queryText("SELECT 1")).isEqualTo("1");
  }

  /// The program may have received the stop signal as well.
  @Test
  void serverWithStopSignalIsRestartedAfterGracePeriod() throws Exception {
    TestServers.prepare(dataDir);
    start();
    ProcessHandle stopped = TestServers.postmaster(dataDir);
    TestServers.signal(stopped, "TERM");
    Await.until("the server has ended", () -> !stopped.isAlive());
    Thread.sleep(1_000);
    assertThat(PostmasterPid.exists(TestServers.data(dataDir))).isFalse();
    Await.until(
        "another server is ready",
        () -> PostmasterPid.read(TestServers.data(dataDir)),
        found -> found.filter(PostmasterPid::isReady).isPresent());
    assertThat(queryText("SELECT 1")).isEqualTo("1");
  }

  @Test
  void serverWithStopSignalIsNotRestartedByStop() throws Exception {
    TestServers.prepare(dataDir);
    start();
    ProcessHandle stopped = TestServers.postmaster(dataDir);
    TestServers.signal(stopped, "TERM");
    Await.until("the server has ended", () -> !stopped.isAlive());
    server.stop(STOP_TIMEOUT);
    assertThat(PostmasterPid.exists(TestServers.data(dataDir))).isFalse();
  }

  @Test
  void rootIsRefusedInFolderOfAnotherUser() throws Exception {
    Path folder = Files.createDirectory(dataDir.resolve("other"));
    assumeTrue(TestServers.run("chown", "1", folder.toString()), "needs root");
    FileOwner owner = FileOwner.of(folder);
    EmbeddedPostgres other = TestServers.server(folder);
    assertThatThrownBy(other::start)
        .hasMessageContaining("%s belongs to user %s".formatted(folder, owner.name()))
        .hasMessageContaining("runuser -u " + owner.name());
    assertThatThrownBy(other::startDraft).hasMessageContaining("belongs to user");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void draftsOfKilledProcessAreDeleted() throws Exception {
    Path draft = Files.createDirectories(dataDir.resolve("postgres/new-1/data"));
    start();
    assertThat(draft).doesNotExist();
  }

  @Test
  void draftIsTheDatabaseOnceItIsPublished() throws Exception {
    startDraft();
    execute("CREATE TABLE kept AS SELECT 42 AS answer");
    assertThat(EmbeddedPostgres.exists(dataDir)).isFalse();
    assertThat(EmbeddedPostgres.findRunning(dataDir, TestServers.NAME)).isEmpty();
    server.publish(STOP_TIMEOUT);
    assertThat(EmbeddedPostgres.exists(dataDir)).isTrue();
    assertThat(drafts()).isEmpty();
    start();
    assertThat(queryText("SELECT answer FROM kept")).isEqualTo("42");
  }

  @Test
  void stoppedDraftIsDeleted() throws Exception {
    startDraft();
    server.stop(STOP_TIMEOUT);
    assertThat(drafts()).isEmpty();
    assertThat(EmbeddedPostgres.exists(dataDir)).isFalse();
  }

  @Test
  void draftBesideDatabaseIsRefused() throws Exception {
    TestServers.prepare(dataDir);
    assertThatThrownBy(this::startDraft)
        .hasMessageContaining("cannot start in " + dataDir)
        .hasMessageContaining("there is a database in it");
    assertThat(drafts()).isEmpty();
  }

  @Test
  void draftOfKilledProcessIsDeletedWithItsServer() throws Exception {
    OtherJvm other = OtherJvm.startDraft(dataDir);
    Path data = drafts().getFirst().resolve("data");
    ProcessHandle orphan =
        ProcessHandle.of(PostmasterPid.read(data).orElseThrow().pid()).orElseThrow();
    other.kill();
    assertThat(orphan.isAlive()).isTrue();
    start();
    assertThat(drafts()).isEmpty();
    Await.until("the orphan has ended", () -> !orphan.isAlive());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a-b", "A", "1a", "a\";", "postgres", "pg_x"})
  void invalidDatabaseNameIsRejected(String name) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new EmbeddedPostgres(dataDir, name, 1))
        .withMessageContaining("\"%s\"".formatted(name));
  }

  @Test
  void accessDoesNotPrintPassword() throws Exception {
    start();
    assertThat(server.access().toString()).doesNotContain(server.access().password());
  }

  @Test
  void fileAsDataFolderIsReported() throws Exception {
    Path file = Files.createFile(dataDir.resolve("file"));
    assertThatThrownBy(() -> new EmbeddedPostgres(file, TestServers.NAME, 1).start())
        .hasMessageContaining("cannot start in " + file)
        .hasMessageContaining("is not a folder");
  }

  @Test
  void unwritableDataFolderIsReported() {
    Path folder = Path.of("/proc/agent-lab");
    assumeTrue(Files.isDirectory(Path.of("/proc")));
    assertThatThrownBy(() -> new EmbeddedPostgres(folder, TestServers.NAME, 1).start())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cannot start in " + folder);
  }

  @Test
  void fullDiskIsReported() throws Exception {
    Path small = Files.createDirectory(dataDir.resolve("small"));
    assumeTrue(TestServers.run("mount", "-t", "tmpfs", "-o", "size=16m", "none", small.toString()));
    try {
      assertThatThrownBy(() -> TestServers.server(small).start())
          .hasMessageContaining("cannot start in " + small)
          .hasMessageContaining("No space left on device");
    } finally {
      TestServers.run("umount", small.toString());
    }
  }

  @Test
  void nonRootUserCanStartServer(@TempDir Path open) throws Exception {
    Path setpriv = Path.of("/usr/bin/setpriv");
    assumeTrue(Files.isExecutable(setpriv) && Files.getAttribute(dataDir, "unix:uid").equals(0));
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
    try (OtherJvm other =
        OtherJvm.start(
            List.of(setpriv.toString(), "--reuid=65534", "--regid=65534", "--clear-groups"),
            classPathCopiedTo(open),
            open,
            open.resolve("data"))) {
      assertThat(other.result()).startsWith("started");
    }
  }

  @Test
  void missingUserNamespaceIsReportedWithRemedy() throws Exception {
    String disableNestedNamespaces = "echo 0 > /proc/sys/user/max_user_namespaces; exec \"$@\"";
    List<String> prefix = List.of("unshare", "-Ur", "sh", "-c", disableNestedNamespaces, "sh");
    assumeTrue(TestServers.run("unshare", "-Ur", "true"));
    try (OtherJvm other =
        OtherJvm.start(
            prefix, System.getProperty("java.class.path"), Path.of("").toAbsolutePath(), dataDir)) {
      assertThat(other.result())
          .startsWith("failed")
          .contains("does not allow the user namespace", "as a non-root user");
    }
  }

  @Test
  void serverRunsInItsOwnSession() throws Exception {
    TestServers.prepare(dataDir);
    start();
    long pid = TestServers.postmaster(dataDir).pid();
    Path stat = Path.of("/proc/%d/stat".formatted(pid));
    assumeTrue(Files.exists(stat));
    // Fields of proc(5): pid, command, state, parent, group, session.
    assertThat(Files.readString(stat).split(" ", -1)[5]).isEqualTo(Long.toString(pid));
  }

  /// Copies the class path of this process, which another user may be unable to read.
  private static String classPathCopiedTo(Path folder) throws IOException {
    List<String> copies = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      Path source = Path.of(entry);
      Path copy = folder.resolve("path-" + copies.size());
      try (Stream<Path> tree = Files.walk(source)) {
        for (Path path : (Iterable<Path>) tree::iterator) {
          Files.copy(path, copy.resolve(source.relativize(path)));
        }
      }
      copies.add(copy.toString());
    }
    return String.join(File.pathSeparator, copies);
  }

  private void start() throws IOException, InterruptedException {
    server = TestServers.server(dataDir);
    server.start();
  }

  private void startDraft() throws IOException, InterruptedException {
    server = TestServers.server(dataDir);
    server.startDraft();
  }

  private List<Path> drafts() throws IOException {
    return FolderOperations.drafts(dataDir.resolve("postgres"));
  }

  private String url() {
    return server.access().url();
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private String queryText(String query) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getString(1);
    }
  }

  private Connection connect() throws SQLException {
    return DriverManager.getConnection(url(), server.access().name(), server.access().password());
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
