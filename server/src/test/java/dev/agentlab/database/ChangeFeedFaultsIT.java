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
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Tests [RowCache] while the database is frozen or unavailable.
class ChangeFeedFaultsIT {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);
  private static final long MAX_STALENESS_NANOS = Duration.ofSeconds(1).toNanos();

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
  void frozenDatabaseInvalidatesCacheWithinOneSecond() throws Exception {
    try (TestReplica replica = replica()) {
      UUID id = replica.insert("a");
      replica.awaitCached(id);
      TestServers.signal(dataDir, "STOP");
      try {
        awaitUnavailable(replica, id, System.nanoTime());
      } finally {
        TestServers.signal(dataDir, "CONT");
      }
      Await.until("the cache is available", () -> isAvailable(replica, id));
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
      awaitUnavailable(replica, id, System.nanoTime());
      server.start();
      TestPostgres.execute(dsn(), "UPDATE providers SET name = 'b'");
      long changedAt = System.nanoTime();
      Await.until(
          "the change is visible",
          () -> {
            boolean due = System.nanoTime() - changedAt > MAX_STALENESS_NANOS;
            boolean visible = isAvailable(replica, id) && replica.name(id).equals("b");
            assertThat(visible || !due || !isAvailable(replica, id)).isTrue();
            return visible;
          });
      replica.awaitCached(id);
    }
  }

  /// Asserts that the cache returns no value later than the bound, and waits until it throws.
  ///
  /// @param silentSince when the database stopped responding
  private static void awaitUnavailable(TestReplica replica, UUID id, long silentSince) {
    Await.until(
        "the cache is unavailable",
        () -> {
          long requestedAt = System.nanoTime();
          boolean available = isAvailable(replica, id);
          assertThat(available && requestedAt - silentSince > MAX_STALENESS_NANOS).isFalse();
          return !available;
        });
    assertThatThrownBy(() -> replica.name(id)).isInstanceOf(UnavailableException.class);
  }

  private static boolean isAvailable(TestReplica replica, UUID id) {
    try {
      replica.name(id);
      return true;
    } catch (UnavailableException e) {
      return false;
    }
  }
}
