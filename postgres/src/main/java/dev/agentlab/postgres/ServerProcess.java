package dev.agentlab.postgres;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A running PostgreSQL server process.
final class ServerProcess {
  private static final Logger LOG = LoggerFactory.getLogger("dev.agentlab.postgres");
  private static final int MAX_LOG_LINES = 10;
  private static final long QUIT_TIMEOUT_SECONDS = 3;

  private final PostgresPrograms programs;
  private final Process process;
  private final Deque<String> lastLines = new ArrayDeque<>();
  private final Thread reader;

  private ServerProcess(PostgresPrograms programs, Process process) {
    this.programs = programs;
    this.process = process;
    this.reader = Thread.ofPlatform().name("postgres-log").daemon().start(this::readLog);
  }

  /// Starts a server and waits until it accepts connections, without a timeout, because crash
  /// recovery may take long.
  ///
  /// @throws IOException if the server exits instead, with its last output
  static ServerProcess start(PostgresPrograms programs, Path data, Map<String, String> settings)
      throws IOException, InterruptedException {
    ProcessBuilder command = programs.command("postgres", "-D", data.toString());
    settings.forEach((name, value) -> command.command().addAll(List.of("-c", name + "=" + value)));
    ServerProcess server = new ServerProcess(programs, command.start());
    try {
      server.awaitReady(data);
      return server;
    } catch (IOException | InterruptedException e) {
      server.process.destroyForcibly();
      throw e;
    }
  }

  private void awaitReady(Path data) throws IOException, InterruptedException {
    while (PostmasterPid.read(data)
        .filter(it -> it.isReady() && it.pid() == process.pid())
        .isEmpty()) {
      if (process.waitFor(5, TimeUnit.MILLISECONDS)) {
        reader.join(Duration.ofSeconds(1));
        String output = lastOutput();
        throw PostgresPrograms.failure("PostgreSQL did not start: " + output, output);
      }
    }
  }

  /// Waits for the server to exit.
  ///
  /// @return its exit code
  int awaitExit() throws InterruptedException {
    return process.waitFor();
  }

  /// Stops the server with a fast shutdown. After the timeout uses an immediate shutdown, which
  /// loses no data but requires recovery at the next start.
  void stop(Duration timeout) throws InterruptedException {
    programs.signal("INT", process.toHandle());
    if (process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
      return;
    }
    LOG.warn("PostgreSQL did not stop within {} ms; forcing shutdown", timeout.toMillis());
    programs.signal("QUIT", process.toHandle());
    if (!process.waitFor(QUIT_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
  }

  private void readLog() {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        logLine(line);
      }
    } catch (IOException e) {
      LOG.debug("PostgreSQL log closed", e);
    }
  }

  private void logLine(String line) {
    synchronized (lastLines) {
      lastLines.addLast(line);
      if (lastLines.size() > MAX_LOG_LINES) {
        lastLines.removeFirst();
      }
    }
    if (line.startsWith("FATAL:") || line.startsWith("PANIC:")) {
      LOG.warn("{}", line);
    } else {
      LOG.debug("{}", line);
    }
  }

  private String lastOutput() {
    synchronized (lastLines) {
      return String.join("; ", lastLines);
    }
  }
}
