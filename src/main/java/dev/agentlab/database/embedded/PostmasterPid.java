package dev.agentlab.database.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// What a server writes down about itself in its data folder, in `postmaster.pid`.
///
/// @param pid of its first process
/// @param port where it listens
/// @param ready whether it takes connections
record PostmasterPid(long pid, int port, boolean ready) {
  private static final String FILE = "postmaster.pid";
  private static final int PORT_LINE = 3;
  private static final int STATUS_LINE = 7;

  static boolean isRecorded(Path data) {
    return Files.exists(data.resolve(FILE));
  }

  /// Empty when there is no such file, or it is not readable yet.
  static Optional<PostmasterPid> read(Path data) throws IOException {
    try {
      List<String> lines = Files.readAllLines(data.resolve(FILE));
      if (lines.isEmpty()) {
        return Optional.empty();
      }
      boolean ready = lines.size() > STATUS_LINE && lines.get(STATUS_LINE).strip().equals("ready");
      // Written bit by bit while it starts.
      int port = lines.size() > PORT_LINE ? Integer.parseInt(lines.get(PORT_LINE).strip()) : 0;
      return Optional.of(new PostmasterPid(Long.parseLong(lines.getFirst().strip()), port, ready));
    } catch (NoSuchFileException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  boolean isAlive() {
    return ProcessHandle.of(pid).isPresent();
  }

  static void forget(Path data) throws IOException {
    Files.deleteIfExists(data.resolve(FILE));
  }
}
