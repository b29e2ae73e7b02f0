package dev.agentlab.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The server processes that a killed program left running on a data folder.
record OrphanedProcesses(PostgresPrograms programs, Path data) {
  private static final Logger LOG = LoggerFactory.getLogger(OrphanedProcesses.class);
  private static final Path PROC = Path.of("/proc");

  /// The time to wait after each signal before the next one.
  private static final Duration SIGNAL_TIMEOUT = Duration.ofSeconds(4);

  /// Terminates the processes, so that a server can start on the same data.
  void terminate() throws IOException, InterruptedException {
    if (!PostmasterPid.exists(data)) {
      return;
    }
    Optional<Long> postmaster = PostmasterPid.read(data).map(PostmasterPid::pid);
    if (!terminate(postmaster)) {
      throw new IOException("processes of an earlier PostgreSQL are still running on " + data);
    }
    // The file may have the pid of an unrelated process, which would prevent the start.
    PostmasterPid.delete(data);
  }

  /// Kills the processes, for data that is to be deleted.
  ///
  /// @throws IOException if they are still running after four seconds
  static void kill(Path data) throws IOException, InterruptedException {
    if (PostmasterPid.exists(data) && !killAll(data)) {
      throw new IOException("processes of an earlier PostgreSQL are still running on " + data);
    }
  }

  private boolean terminate(Optional<Long> postmaster) throws InterruptedException {
    for (String signal : List.of("INT", "QUIT")) {
      Optional<ProcessHandle> running =
          postmaster.flatMap(ProcessHandle::of).filter(it -> usesDataFolder(it, data));
      if (running.isPresent()) {
        LOG.warn("terminating orphaned PostgreSQL process {} with {}", running.get().pid(), signal);
        programs.signal(signal, running.get());
        if (awaitExit(data)) {
          return true;
        }
      }
    }
    return killAll(data);
  }

  private static boolean killAll(Path data) throws InterruptedException {
    ProcessHandle.allProcesses()
        .filter(it -> usesDataFolder(it, data))
        .forEach(ProcessHandle::destroyForcibly);
    return awaitExit(data);
  }

  private static boolean awaitExit(Path data) throws InterruptedException {
    long deadline = System.nanoTime() + SIGNAL_TIMEOUT.toNanos();
    while (ProcessHandle.allProcesses().anyMatch(it -> usesDataFolder(it, data))) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      Thread.sleep(20);
    }
    return true;
  }

  /// Whether a process is a PostgreSQL that uses the data folder. False for a zombie.
  private static boolean usesDataFolder(ProcessHandle process, Path data) {
    ProcessHandle.Info info = process.info();
    if (info.command().filter(command -> command.contains("/bin/postgres")).isEmpty()) {
      return false;
    }
    if (Files.isDirectory(PROC)) {
      try {
        return Files.isSameFile(PROC.resolve(process.pid() + "/cwd"), data);
      } catch (IOException e) {
        return false;
      }
    }
    return info.arguments()
        .filter(words -> Arrays.asList(words).contains(data.toString()))
        .isPresent();
  }
}
