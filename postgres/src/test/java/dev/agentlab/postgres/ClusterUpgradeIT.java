package dev.agentlab.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterUpgradeIT {
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(10);
  private static final EmbeddedPostgres.DatabaseCopy NO_COPY =
      (_, _) -> fail("no database of an older version");

  @TempDir private Path dataDir;

  private EmbeddedPostgres server = new EmbeddedPostgres(Path.of("none"), TestServers.NAME, 1);

  @BeforeEach
  void createServer() {
    server = new EmbeddedPostgres(dataDir, TestServers.NAME, 10);
  }

  @AfterEach
  void stop() throws Exception {
    server.stop(STOP_TIMEOUT);
  }

  @Test
  void databaseIsCopiedAndOldOneKept() throws Exception {
    prepareOlder();
    server.start(ClusterUpgradeIT::copy);

    assertThat(query(server.access(), "SHOW server_version")).startsWith("18");
    assertThat(query(server.access(), "SELECT answer FROM kept")).isEqualTo("42");
    assertThat(query(server.access(), "SHOW default_transaction_read_only")).isEqualTo("off");
    assertThat(version("cluster")).isEqualTo("18");
    assertThat(version("cluster-17")).isEqualTo("17");
    assertThat(names()).noneMatch(it -> it.startsWith("new-") || it.startsWith("runtime-17-"));

    server.stop(STOP_TIMEOUT);
    server.start(NO_COPY);
    assertThat(query(server.access(), "SELECT answer FROM kept")).isEqualTo("42");
  }

  @Test
  void failedCopyLeavesOldDatabase() throws Exception {
    prepareOlder();
    for (Exception failure :
        List.of(
            new IOException("the copy differs"), new IllegalStateException("the copy differs"))) {
      assertThatThrownBy(() ->
              server.start((source, target) -> {
                copy(source, target);
                if (failure instanceof IOException e) {
                  throw e;
                }
                throw (RuntimeException) failure;
              }))
          .isInstanceOf(
              failure instanceof IOException ? UpgradeException.class : failure.getClass())
          .hasMessageContaining("the copy differs");
      assertUnchanged();
    }
    server.start(ClusterUpgradeIT::copy);
    assertThat(query(server.access(), "SELECT answer FROM kept")).isEqualTo("42");
  }

  @Test
  void sourceIsReadOnly() throws Exception {
    prepareOlder();
    assertThatThrownBy(() ->
            server.start((source, _) -> {
              try {
                execute(source, "CREATE TABLE late ()");
              } catch (SQLException e) {
                throw new IOException(e.getMessage(), e);
              }
            }))
        .hasMessageContaining("its database is one of PostgreSQL 17 and cannot be upgraded to 18")
        .hasMessageContaining("in a read-only transaction");
  }

  @Test
  void killBeforeOldClusterIsRenamedStartsAnew() throws Exception {
    prepareOlder();
    Files.createDirectories(folder().resolve("new-1/data"));
    server.start(ClusterUpgradeIT::copy);
    assertThat(query(server.access(), "SELECT answer FROM kept")).isEqualTo("42");
    assertThat(names()).contains("cluster-17").doesNotContain("new-1");
  }

  @Test
  void killWhileOldServerRunsStartsAnew() throws Exception {
    prepareOlder();
    try (TestServers.OlderServer _ = TestServers.startOlder(dataDir)) {
      // The file of a killed program's server; its process has ended.
      Path pid = TestServers.data(dataDir).resolve("postmaster.pid");
      Files.copy(pid, dataDir.resolve("copy"));
    }
    Files.copy(dataDir.resolve("copy"), TestServers.data(dataDir).resolve("postmaster.pid"));
    server.start(ClusterUpgradeIT::copy);
    assertThat(query(server.access(), "SELECT answer FROM kept")).isEqualTo("42");
  }

  @Test
  void killBetweenRenamesStartsAnew() throws Exception {
    prepareOlder();
    Files.move(folder().resolve("cluster"), folder().resolve("cluster-17"));
    Files.createDirectories(folder().resolve("new-1/data"));
    assertThat(EmbeddedPostgres.exists(dataDir)).isTrue();
    assertThatThrownBy(server::startDraft).hasMessageContaining("there is a database in it");
    assertUnchanged();

    Files.move(folder().resolve("cluster"), folder().resolve("cluster-17"));
    server.start(ClusterUpgradeIT::copy);
    assertThat(query(server.access(), "SELECT answer FROM kept")).isEqualTo("42");
    assertThat(names()).contains("cluster-17");
  }

  @Test
  void killAfterBothRenamesStartsNewCluster() throws Exception {
    prepareOlder();
    server.start(ClusterUpgradeIT::copy);
    server.stop(STOP_TIMEOUT);
    Files.createDirectories(folder().resolve("runtime-17-0"));
    server.start(NO_COPY);
    assertThat(version("cluster")).isEqualTo("18");
    assertThat(names()).contains("cluster-17").doesNotContain("runtime-17-0");
  }

  @Test
  void existingFolderOfOldClusterIsRefused() throws Exception {
    prepareOlder();
    Files.createDirectory(folder().resolve("cluster-17"));
    assertThatThrownBy(() -> server.start(NO_COPY))
        .isNotInstanceOf(UpgradeException.class)
        .hasMessageContaining(folder().resolve("cluster-17") + " exists already")
        .hasMessageContaining("delete it or move it away");
    assertThat(version("cluster")).isEqualTo("17");
  }

  @Test
  void olderDatabaseWithoutItsProgramsIsRefused() throws Exception {
    prepareVersion("16");
    assertThatThrownBy(() -> server.start(NO_COPY))
        .isInstanceOf(UpgradeException.class)
        .hasMessageContaining("cannot start in " + dataDir)
        .hasMessageContaining("its database is one of PostgreSQL 16 and cannot be upgraded to 18")
        .hasMessageContaining("this program does not have PostgreSQL 16: postgres-16-");
    assertThatThrownBy(server::start).hasMessageContaining("this program does not copy databases");
    assertThat(names()).filteredOn(it -> !it.startsWith("runtime-")).containsExactly("cluster");
    assertThat(version("cluster")).isEqualTo("16");
  }

  @Test
  void newerDatabaseIsRefused() throws Exception {
    prepareVersion("19");
    assertThatThrownBy(() -> server.start(NO_COPY))
        .isNotInstanceOf(UpgradeException.class)
        .hasMessageContaining(
            "its database is one of PostgreSQL 19, and this program has PostgreSQL 18");
    assertThat(names()).filteredOn(it -> !it.startsWith("runtime-")).containsExactly("cluster");
  }

  @Test
  void invalidVersionIsRefused() throws Exception {
    prepareVersion("x");
    assertThatThrownBy(() -> server.start(NO_COPY))
        .hasMessageContaining("PG_VERSION does not name a version: \"x\"");
  }

  private void prepareVersion(String version) throws IOException, InterruptedException {
    TestServers.prepare(dataDir);
    Files.writeString(TestServers.data(dataDir).resolve("PG_VERSION"), version + "\n");
  }

  /// Creates a database of the older version with a table.
  private void prepareOlder() throws Exception {
    assumeTrue(TestServers.hasOlder(), "no programs of PostgreSQL 17 for this machine");
    TestServers.prepareOlder(dataDir);
    try (TestServers.OlderServer older = TestServers.startOlder(dataDir)) {
      execute(older.access(), "CREATE TABLE kept AS SELECT 42 AS answer");
    }
  }

  private void assertUnchanged() throws Exception {
    assertThat(names()).filteredOn(it -> !it.startsWith("runtime-")).containsExactly("cluster");
    try (TestServers.OlderServer older = TestServers.startOlder(dataDir)) {
      assertThat(query(older.access(), "SELECT answer FROM kept")).isEqualTo("42");
    }
  }

  private static void copy(EmbeddedPostgres.Access source, EmbeddedPostgres.Access target)
      throws IOException {
    try {
      String answer = query(source, "SELECT answer FROM kept");
      execute(target, "CREATE TABLE kept AS SELECT %s AS answer".formatted(answer));
    } catch (SQLException e) {
      throw new IOException(e);
    }
  }

  private Path folder() {
    return dataDir.resolve("postgres");
  }

  private List<String> names() throws IOException {
    return FolderOperations.children(folder()).stream().map(FolderOperations::name).toList();
  }

  private String version(String cluster) throws IOException {
    return Files.readString(folder().resolve(cluster).resolve("data/PG_VERSION")).strip();
  }

  private static void execute(EmbeddedPostgres.Access access, String sql) throws SQLException {
    try (Connection connection = connect(access);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static String query(EmbeddedPostgres.Access access, String sql) throws SQLException {
    try (Connection connection = connect(access);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }

  private static Connection connect(EmbeddedPostgres.Access access) throws SQLException {
    return DriverManager.getConnection(access.url(), access.name(), access.password());
  }
}
