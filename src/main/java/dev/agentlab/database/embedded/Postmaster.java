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
/// @param ready whether it takes connections
record Postmaster(long pid, boolean ready) {
  private static final String FILE = "postmaster.pid";
  private static final int STATUS_LINE = 7;

  static boolean isRecorded(Path data) {
    return Files.exists(data.resolve(FILE));
  }

  /// Empty when there is no such file, or it is not readable yet.
  static Optional<Postmaster> read(Path data) throws IOException {
    try {
      List<String> lines = Files.readAllLines(data.resolve(FILE));
      if (lines.isEmpty()) {
        return Optional.empty();
      }
      boolean ready = lines.size() > STATUS_LINE && lines.get(STATUS_LINE).strip().equals("ready");
      return Optional.of(new Postmaster(Long.parseLong(lines.getFirst().strip()), ready));
    } catch (NoSuchFileException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  static void forget(Path data) throws IOException {
    Files.deleteIfExists(data.resolve(FILE));
  }
}
