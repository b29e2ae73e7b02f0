package dev.agentlab.database.embedded;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps one server running on a data folder: starts it, and starts it again when it dies.
final class ServerSupervisor {
  private static final Logger LOG = LoggerFactory.getLogger(ServerSupervisor.class);

  private static final Duration SHORTEST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  /// How long the remains of a killed server may stand in the way of a new one.
  private static final Duration REMAINS = Duration.ofSeconds(15);

  /// What a server says when something of an earlier one is left for a moment.
  private static final List<String> PASSING_REASONS =
      List.of(
          "pre-existing shared memory block",
          "lock file \"postmaster.pid\" already exists",
          "Address already in use");

  private final PostgresPrograms programs;
  private final Path data;
  private final Map<String, String> settings;
  private final Thread watch =
      Thread.ofPlatform().name("postgres-watch").daemon().unstarted(this::watch);
  private volatile @Nullable ServerProcess server;

  ServerSupervisor(PostgresPrograms programs, Path data, Map<String, String> settings) {
    this.programs = programs;
    this.data = data;
    this.settings = Map.copyOf(settings);
  }

  void start() throws IOException, InterruptedException {
    long deadline = System.nanoTime() + REMAINS.toNanos();
    while (server == null) {
      try {
        launch();
      } catch (IOException e) {
        if (!isPassing(e) || System.nanoTime() > deadline) {
          throw e;
        }
        Thread.sleep(SHORTEST_PAUSE);
      }
    }
    watch.start();
  }

  void stop(Duration within) throws InterruptedException {
    watch.interrupt();
    watch.join();
    ServerProcess last = server;
    if (last != null) {
      last.stop(within);
    }
  }

  private void launch() throws IOException, InterruptedException {
    new OrphanedProcesses(programs, data).end();
    server = ServerProcess.start(programs, data, settings);
  }

  private void watch() {
    try {
      while (true) {
        int code = Objects.requireNonNull(server).awaitEnd();
        LOG.error(
            "the embedded PostgreSQL ended by itself (exit code {}); starting it again", code);
        restart();
      }
    } catch (InterruptedException e) {
      LOG.debug("no longer watching the embedded PostgreSQL");
    }
  }

  private void restart() throws InterruptedException {
    Duration pause = SHORTEST_PAUSE;
    while (true) {
      try {
        launch();
        LOG.info("the embedded PostgreSQL runs again");
        return;
      } catch (IOException | RuntimeException | Error e) {
        LOG.error("the embedded PostgreSQL cannot start; next try in {} ms", pause.toMillis(), e);
        Thread.sleep(pause);
        Duration longer = pause.multipliedBy(2);
        pause = longer.compareTo(LONGEST_PAUSE) < 0 ? longer : LONGEST_PAUSE;
      }
    }
  }

  private static boolean isPassing(IOException failure) {
    String message = String.valueOf(failure.getMessage());
    return PASSING_REASONS.stream().anyMatch(message::contains);
  }
}
