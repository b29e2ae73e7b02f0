package dev.agentlab.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.postgres.TestServers;
import dev.agentlab.server.TestClient;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.testing.Await;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Graceful shutdown of the service.
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class ShutdownE2ETest {
  private static final String OLLAMA =
      """
      {"name": "%s", "config": {"name": "ollama", "base_url": "http://127.0.0.1:11434"}}\
      """;

  private static final int UPLOADS = 4;

  @TempDir private Path folder;

  @Test
  void requestsInFlightAreCompletedBeforeTheExit(@TempDir Path data) throws Exception {
    try (ExternalPostgres postgres = ExternalPostgres.started(data);
        Program program = Program.serve(folder, postgres.environment());
        Connection locker = postgres.connect();
        Connection watch = postgres.connect();
        RawConnection idle = RawConnection.to(program.url());
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      URI url = program.url();
      assertThat(idle.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").reply()).isPresent();
      String locked = create(program.client(), "locked");
      List<RawConnection> uploads = new ArrayList<>();
      for (int i = 0; i < UPLOADS; i++) {
        uploads.add(RawConnection.to(url).send(create(program, i)).send(body(i).substring(0, 20)));
      }
      Await.until("the uploads are in flight", () -> inFlight(program) > UPLOADS);
      lock(locker);
      Future<Answer> change =
          threads.submit(
              () -> program.client().put("/api/providers/" + locked, OLLAMA.formatted("locked")));
      Await.until("the change waits for the lock", () -> isWaitingForLock(watch));

      program.terminate();
      Await.until("new connections are refused", () -> !isReachable(url));
      locker.rollback();
      for (int i = 0; i < UPLOADS; i++) {
        try (RawConnection upload = uploads.get(i)) {
          Optional<RawConnection.Reply> reply = upload.send(body(i).substring(20)).reply();
          assertThat(reply).map(RawConnection.Reply::status).contains(201);
        }
      }
      // The lock is released in time, or the wait for it times out.
      assertThat(change.get().status()).isIn(200, 503);
      assertThat(program.exitCode()).as(program.log()).isZero();
      assertThat(program.log())
          .containsSubsequence("initiating shutdown", "server stopped gracefully")
          .doesNotContain("ERROR");
      assertThat(idle.reply()).isEmpty();
    }
  }

  @Test
  void embeddedDatabaseStopsWithTheServiceAndKeepsItsData() throws Exception {
    TestServers.prepare(folder.resolve("data"));
    String id;
    try (Program program = Program.serve(folder, Map.of())) {
      id = create(program.client(), "kept");
      assertThat(program.database()).isPresent();
      assertThat(program.stop()).as(program.log()).isZero();
      assertThat(program.log())
          .containsSubsequence("initiating shutdown", "server stopped gracefully");
      assertThat(program.database()).isEmpty();
    }
    try (Program program = Program.serve(folder, Map.of())) {
      assertThat(program.client().get("/api/providers/" + id).status()).isEqualTo(200);
      assertThat(program.log()).doesNotContain("killed");
    }
  }

  private static String create(TestClient client, String name) {
    Answer created = client.post("/api/providers", OLLAMA.formatted(name));
    assertThat(created.status()).as(created.text()).isEqualTo(201);
    return created.json().get("id").asString();
  }

  private static String create(Program program, int upload) {
    return """
    POST /api/providers HTTP/1.1\r
    Host: localhost\r
    X-Api-Key: %s\r
    Content-Type: application/json\r
    Content-Length: %d\r
    \r
    """
        .formatted(program.key().orElseThrow(), body(upload).length());
  }

  private static String body(int upload) {
    return OLLAMA.formatted("uploaded " + upload);
  }

  /// Locks all providers until the end of the transaction.
  private static void lock(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute("SELECT id FROM providers FOR UPDATE");
    }
  }

  private static boolean isWaitingForLock(Connection connection) throws SQLException {
    String sql =
        """
        SELECT 1 FROM pg_stat_activity
        WHERE application_name = 'agent-lab' AND wait_event_type = 'Lock'
        """;
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      return row.next();
    }
  }

  /// The number of requests in flight, including this one.
  private static double inFlight(Program program) {
    return program
        .client()
        .get("/metrics")
        .text()
        .lines()
        .filter(line -> line.startsWith("http_server_in_flight "))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(" "))))
        .sum();
  }

  private static boolean isReachable(URI service) {
    try (RawConnection _ = RawConnection.to(service)) {
      return true;
    } catch (IOException _) {
      return false;
    }
  }
}
