package dev.agentlab.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentlab.config.SslMode;
import dev.agentlab.database.embedded.EmbeddedPostgres;
import dev.agentlab.database.embedded.TestServers;
import dev.agentlab.errors.UnavailableException;
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
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final long BOUND = Duration.ofSeconds(1).toNanos();

  @TempDir private Path dataDir;

  private int port;
  private EmbeddedPostgres server = new EmbeddedPostgres(Path.of("none"), 1);

  @BeforeEach
  void startServer() throws Exception {
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    server = TestServers.server(dataDir, port);
    server.start();
  }

  private Dsn dsn() {
    return new Dsn(
        "127.0.0.1",
        port,
        EmbeddedPostgres.DATABASE,
        EmbeddedPostgres.USER,
        Optional.of(server.access().password()),
        SslMode.DISABLE);
  }

  private Replica replica() {
    return new Replica(TestPostgres.settings(dsn()));
  }

  @AfterEach
  void stopServer() throws Exception {
    server.stop(Duration.ofSeconds(5));
  }

  @Test
  void frozenDatabaseIsNotAnsweredForBeyondASecond() throws Exception {
    try (Replica replica = replica()) {
      UUID id = replica.insert("a");
      replica.awaitKept(id);
      TestServers.signal(dataDir, "STOP");
      try {
        awaitUnanswered(replica, id, System.nanoTime());
      } finally {
        TestServers.signal(dataDir, "CONT");
      }
      Await.until("the cache is available", () -> answers(replica, id));
      replica.awaitKept(id);
    }
  }

  @Test
  void frozenDatabaseDoesNotHoldUpTheStop() throws Exception {
    try (Replica replica = replica()) {
      replica.awaitKept(replica.insert("a"));
      TestServers.signal(dataDir, "STOP");
      try {
        long startedAt = System.nanoTime();
        replica.changes().stop(PATIENCE);
        assertThat(System.nanoTime() - startedAt).isLessThan(PATIENCE.toNanos() / 2);
      } finally {
        TestServers.signal(dataDir, "CONT");
      }
    }
  }

  @Test
  void databaseThatStopsAndStartsIsHeardAgainAndWhatChangedMeanwhileIsSeen() throws Exception {
    try (Replica replica = replica()) {
      UUID id = replica.insert("a");
      replica.awaitKept(id);
      server.stop(PATIENCE);
      awaitUnanswered(replica, id, System.nanoTime());
      server.start();
      TestPostgres.execute(dsn(), "UPDATE providers SET name = 'b'");
      long changedAt = System.nanoTime();
      Await.until(
          "the change is visible",
          () -> {
            boolean due = System.nanoTime() - changedAt > BOUND;
            boolean visible = answers(replica, id) && replica.name(id).equals("b");
            assertThat(visible || !due || !answers(replica, id)).isTrue();
            return visible;
          });
      replica.awaitKept(id);
    }
  }

  /// Asserts that the cache returns no value later than the bound, and waits until it throws.
  ///
  /// @param silentSince when the database stopped responding
  private static void awaitUnanswered(Replica replica, UUID id, long silentSince) {
    Await.until(
        "the cache is unavailable",
        () -> {
          long requestedAt = System.nanoTime();
          boolean available = answers(replica, id);
          assertThat(available && requestedAt - silentSince > BOUND).isFalse();
          return !available;
        });
    assertThatThrownBy(() -> replica.name(id)).isInstanceOf(UnavailableException.class);
  }

  private static boolean answers(Replica replica, UUID id) {
    try {
      replica.name(id);
      return true;
    } catch (UnavailableException e) {
      return false;
    }
  }
}
