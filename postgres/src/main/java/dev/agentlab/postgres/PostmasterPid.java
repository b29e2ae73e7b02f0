package dev.agentlab.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The contents of `postmaster.pid`, which a running server writes to its data folder.
///
/// @param pid the process id of the postmaster
/// @param port the port on which the server listens; 0 while it starts
/// @param isReady whether the server accepts connections
record PostmasterPid(long pid, int port, boolean isReady) {
  private static final String FILE_NAME = "postmaster.pid";
  private static final int PORT_LINE = 3;
  private static final int STATUS_LINE = 7;

  static boolean exists(Path data) {
    return Files.exists(data.resolve(FILE_NAME));
  }

  /// Reads the file; empty if it does not exist or is incomplete.
  static Optional<PostmasterPid> read(Path data) throws IOException {
    try {
      List<String> lines = Files.readAllLines(data.resolve(FILE_NAME));
      if (lines.isEmpty()) {
        return Optional.empty();
      }
      boolean ready = lines.size() > STATUS_LINE && lines.get(STATUS_LINE).strip().equals("ready");
      // The server writes the file line by line while it starts.
      int port = lines.size() > PORT_LINE ? Integer.parseInt(lines.get(PORT_LINE).strip()) : 0;
      return Optional.of(new PostmasterPid(Long.parseLong(lines.getFirst().strip()), port, ready));
    } catch (NoSuchFileException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  boolean isAlive() {
    return ProcessHandle.of(pid).isPresent();
  }

  static void delete(Path data) throws IOException {
    Files.deleteIfExists(data.resolve(FILE_NAME));
  }
}
