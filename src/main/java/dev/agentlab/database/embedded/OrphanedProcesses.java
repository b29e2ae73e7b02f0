package dev.agentlab.database.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The processes of an earlier server that outlived the process which started them.
record OrphanedProcesses(PostgresPrograms programs, Path data) {
  private static final Logger LOG = LoggerFactory.getLogger(OrphanedProcesses.class);
  private static final Path PROC = Path.of("/proc");

  /// How long each way of asking may take before the next, harder one.
  private static final Duration PATIENCE = Duration.ofSeconds(4);

  /// Ends them, so that a server can start on the same data.
  void end() throws IOException, InterruptedException {
    if (!PostmasterPid.isRecorded(data)) {
      return;
    }
    Optional<Long> postmaster = PostmasterPid.read(data).map(PostmasterPid::pid);
    if (!end(postmaster)) {
      throw new IOException("processes of an earlier PostgreSQL still run on " + data);
    }
    // The file may name a process that has its number by chance; the server would not start then.
    PostmasterPid.forget(data);
  }

  private boolean end(Optional<Long> postmaster) throws InterruptedException {
    for (String signal : List.of("INT", "QUIT")) {
      Optional<ProcessHandle> running =
          postmaster.flatMap(ProcessHandle::of).filter(this::servesData);
      if (running.isPresent()) {
        LOG.warn("ending the PostgreSQL (process {}) of a killed agent-lab", running.get().pid());
        programs.signal(signal, running.get());
        if (goneWithin(PATIENCE)) {
          return true;
        }
      }
    }
    ProcessHandle.allProcesses().filter(this::servesData).forEach(ProcessHandle::destroyForcibly);
    return goneWithin(PATIENCE);
  }

  private boolean goneWithin(Duration patience) throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (ProcessHandle.allProcesses().anyMatch(this::servesData)) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      Thread.sleep(20);
    }
    return true;
  }

  /// Whether a process is a PostgreSQL at work in the data folder. A zombie is not.
  private boolean servesData(ProcessHandle process) {
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
