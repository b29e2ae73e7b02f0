package dev.agentlab.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentlab.config.SslMode;
import dev.agentlab.errors.UnavailableException;
import dev.agentlab.postgres.EmbeddedPostgres;
import dev.agentlab.postgres.TestServers;
import dev.agentlab.secrets.Secret;
import dev.agentlab.testing.Await;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Tests [RowCache] while the database is frozen or unavailable.
class ChangeFeedFaultsIT {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  @TempDir private Path dataDir;

  private int port;
  private EmbeddedPostgres server = new EmbeddedPostgres(Path.of("none"), TestServers.NAME, 1);

  @BeforeEach
  void startServer() throws Exception {
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    TestServers.prepare(dataDir);
    server = TestServers.server(dataDir, port);
    server.start();
  }

  private Dsn dsn() {
    return new Dsn(
        "127.0.0.1",
        port,
        TestServers.NAME,
        TestServers.NAME,
        Optional.of(Secret.of(server.access().password())),
        SslMode.DISABLE);
  }

  private TestReplica replica() {
    return new TestReplica(TestPostgres.settings(dsn()));
  }

  @AfterEach
  void stopServer() throws Exception {
    server.stop(Duration.ofSeconds(5));
  }

  @Test
  void frozenDatabaseLeavesTheLastValueInForce() throws Exception {
    try (TestReplica replica = replica()) {
      UUID id = replica.insert("a");
      replica.awaitCached(id);
      TestServers.signal(dataDir, "STOP");
      try {
        awaitAway(replica);
        assertLastValueWithoutLoad(replica, id);
      } finally {
        TestServers.signal(dataDir, "CONT");
      }
      Await.until("the database is found", () -> !replica.changes().isDatabaseAway());
      replica.awaitCached(id);
    }
  }

  @Test
  void frozenDatabaseDoesNotBlockStop() throws Exception {
    try (TestReplica replica = replica()) {
      replica.awaitCached(replica.insert("a"));
      TestServers.signal(dataDir, "STOP");
      try {
        long startedAt = System.nanoTime();
        replica.changes().stop(TIMEOUT);
        assertThat(System.nanoTime() - startedAt).isLessThan(TIMEOUT.toNanos() / 2);
      } finally {
        TestServers.signal(dataDir, "CONT");
      }
    }
  }

  @Test
  void changeDuringFeedOutageIsVisibleAfterRestart() throws Exception {
    try (TestReplica replica = replica()) {
      UUID id = replica.insert("a");
      replica.awaitCached(id);
      server.stop(TIMEOUT);
      awaitAway(replica);
      assertLastValueWithoutLoad(replica, id);
      server.start();
      TestPostgres.execute(dsn(), "UPDATE providers SET name = 'b'");

      Await.until("the database is found", () -> !replica.changes().isDatabaseAway());
      assertThat(replica.name(id)).isEqualTo("b");
      replica.awaitCached(id);
    }
  }

  @Test
  void valueThatWasNeverReadIsUnavailableWithoutDatabase() throws Exception {
    try (TestReplica replica = replica()) {
      UUID id = replica.insert("a");
      server.stop(TIMEOUT);
      awaitAway(replica);

      assertThatThrownBy(() -> replica.name(id)).isInstanceOf(UnavailableException.class);
      assertThatThrownBy(() -> replica.names().get()).isInstanceOf(UnavailableException.class);
    }
  }

  @Test
  void lastTableSnapshotCanBeReadWithoutDatabase() throws Exception {
    try (TestReplica replica = replica()) {
      replica.insert("a");
      assertThat(replica.names().get()).containsExactly("a");
      server.stop(TIMEOUT);
      awaitAway(replica);

      assertThat(replica.names().getIfAway()).contains(List.of("a"));
      Await.until("the value is not current", () -> replica.names().getIfCurrent().isEmpty());
    }
  }

  private static void awaitAway(TestReplica replica) {
    Await.until("the database is known to be away", replica.changes()::isDatabaseAway);
  }

  private static void assertLastValueWithoutLoad(TestReplica replica, UUID id) {
    int loads = replica.loads();
    assertThat(replica.name(id)).isEqualTo("a");
    assertThat(replica.loads()).isEqualTo(loads);
  }
}
