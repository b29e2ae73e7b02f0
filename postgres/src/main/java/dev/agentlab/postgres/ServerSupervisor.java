package dev.agentlab.postgres;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Starts the server on a data folder and restarts it whenever it exits, unless it is stopped then.
final class ServerSupervisor {
  private static final Logger LOG = LoggerFactory.getLogger(ServerSupervisor.class);

  private static final Duration MIN_BACKOFF = Duration.ofMillis(100);
  private static final Duration MAX_BACKOFF = Duration.ofSeconds(5);

  /// How long the start is retried while the remains of a killed server prevent it.
  private static final Duration START_RETRY_TIMEOUT = Duration.ofSeconds(15);

  /// How long a server that exited in an orderly way is not restarted: it received a stop signal,
  /// which the program may have received as well, and may be about to act on.
  private static final Duration STOP_GRACE_PERIOD = Duration.ofSeconds(2);

  /// The error messages of a start that the remains of an earlier server prevent temporarily.
  private static final List<String> TRANSIENT_ERRORS =
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
    long deadline = System.nanoTime() + START_RETRY_TIMEOUT.toNanos();
    while (server == null) {
      try {
        launch();
      } catch (IOException e) {
        if (!isTransient(e) || System.nanoTime() > deadline) {
          throw e;
        }
        Thread.sleep(MIN_BACKOFF);
      }
    }
    watch.start();
  }

  void stop(Duration timeout) throws InterruptedException {
    watch.interrupt();
    watch.join();
    ServerProcess last = server;
    if (last != null) {
      last.stop(timeout);
    }
  }

  private void launch() throws IOException, InterruptedException {
    new OrphanedProcesses(programs, data).terminate();
    server = ServerProcess.start(programs, data, settings);
  }

  private void watch() {
    try {
      while (true) {
        int code = Objects.requireNonNull(server).awaitExit();
        if (code == 0) {
          Thread.sleep(STOP_GRACE_PERIOD);
          LOG.warn("embedded PostgreSQL was stopped by another process; restarting");
        } else {
          LOG.error("embedded PostgreSQL exited unexpectedly (exit code {}); restarting", code);
        }
        restart();
      }
    } catch (InterruptedException e) {
      LOG.debug("stopped watching embedded PostgreSQL");
    }
  }

  private void restart() throws InterruptedException {
    Duration backoff = MIN_BACKOFF;
    while (true) {
      try {
        launch();
        LOG.info("embedded PostgreSQL restarted");
        return;
      } catch (IOException | RuntimeException | Error e) {
        LOG.error("embedded PostgreSQL not restarted; retrying in {} ms", backoff.toMillis(), e);
        Thread.sleep(backoff);
        Duration longer = backoff.multipliedBy(2);
        backoff = longer.compareTo(MAX_BACKOFF) < 0 ? longer : MAX_BACKOFF;
      }
    }
  }

  private static boolean isTransient(IOException failure) {
    String message = String.valueOf(failure.getMessage());
    return TRANSIENT_ERRORS.stream().anyMatch(message::contains);
  }
}
