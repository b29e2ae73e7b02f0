package dev.agentlab.e2e;

import dev.agentlab.postgres.EmbeddedPostgres;
import dev.agentlab.postgres.TestServers;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;

/// A PostgreSQL server outside the service, which a test can stop, restart on its port, and freeze.
final class ExternalPostgres implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Path folder;
  private final EmbeddedPostgres server;
  private final int port;
  private final String password;
  private boolean running;

  private ExternalPostgres(Path folder, EmbeddedPostgres server, int port, String password) {
    this.folder = folder;
    this.server = server;
    this.port = port;
    this.password = password;
  }

  /// Starts a server with an empty database and the durability of the embedded one.
  static ExternalPostgres started(Path folder) throws IOException, InterruptedException {
    TestServers.prepare(folder);
    EmbeddedPostgres first = TestServers.server(folder);
    first.start();
    int port = first.access().port();
    String password = first.access().password();
    first.stop(PATIENCE);
    ExternalPostgres same =
        new ExternalPostgres(folder, TestServers.server(folder, port), port, password);
    same.start();
    return same;
  }

  /// Starts a server with an empty database that accepts many connections.
  static ExternalPostgres roomy(Path folder) throws IOException, InterruptedException {
    TestServers.prepare(folder);
    EmbeddedPostgres server = TestServers.fastServer(folder);
    server.start();
    ExternalPostgres postgres =
        new ExternalPostgres(folder, server, server.access().port(), server.access().password());
    postgres.running = true;
    return postgres;
  }

  /// The environment of a service that uses this server.
  Map<String, String> environment() {
    return Map.of(
        "DATABASE_HOST", "127.0.0.1",
        "DATABASE_PORT", Integer.toString(port),
        "DATABASE_NAME", "agent_lab",
        "DATABASE_USER", "agent_lab",
        "DATABASE_PASSWORD", password,
        "DATABASE_SSLMODE", "disable",
        "DATABASE_MAX_OPEN_CONNS", "8",
        "DATABASE_MAX_IDLE_CONNS", "2");
  }

  Connection connect() throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:%d/agent_lab".formatted(port), "agent_lab", password);
  }

  /// Starts the server unless it is running.
  void start() throws IOException, InterruptedException {
    if (!running) {
      server.start();
      running = true;
    }
  }

  void stop() throws IOException, InterruptedException {
    server.stop(PATIENCE);
    running = false;
  }

  /// Suspends all processes of the server.
  void freeze() throws IOException, InterruptedException {
    TestServers.signal(folder, "STOP");
    // Repeats for processes that were forked meanwhile; none can be forked now.
    TestServers.signal(folder, "STOP");
  }

  void thaw() throws IOException, InterruptedException {
    TestServers.signal(folder, "CONT");
  }

  @Override
  public void close() throws IOException {
    try {
      stop();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
