package dev.agentlab.keys;

import dev.agentlab.secrets.PrivateFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/// The file of the admin key, which only its owner can read. Writes are atomic.
record AdminKeyFile(Path path) {

  /// Reads the file. Empty if it does not exist.
  ///
  /// @throws AdminKeyFileException if it cannot be read
  Optional<String> read() {
    try {
      return Optional.of(Files.readString(path, StandardCharsets.ISO_8859_1));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new AdminKeyFileException("cannot read the admin key in %s: %s".formatted(path, e), e);
    }
  }

  /// Deletes the drafts of killed writers, which contain a key or a part of one. Must not run while
  /// a process writes the file.
  ///
  /// @throws AdminKeyFileException if there are drafts that cannot be deleted
  void deleteDrafts() {
    try {
      PrivateFile.deleteDrafts(path);
    } catch (IOException e) {
      throw new AdminKeyFileException(
          "cannot delete the drafts of the admin key file %s: %s".formatted(path, e), e);
    }
  }

  /// @throws AdminKeyFileException if it cannot be written
  void write(ApiKeyToken key) {
    write(key.reveal() + "\n");
  }

  private void write(String content) {
    try {
      PrivateFile.createDirectory(Objects.requireNonNull(path.toAbsolutePath().getParent()));
      PrivateFile.write(path, content);
    } catch (IOException e) {
      throw new AdminKeyFileException("cannot write the admin key to %s: %s".formatted(path, e), e);
    }
  }

  /// Restores the former content after a failure. Suppresses its own failures.
  ///
  /// @param failure the failure to report
  /// @param former the former [#read]
  void restore(RuntimeException failure, Optional<String> former) {
    try {
      if (former.isPresent()) {
        write(former.get());
      } else {
        Files.deleteIfExists(path);
      }
    } catch (IOException | AdminKeyFileException e) {
      failure.addSuppressed(e);
    }
  }
}
