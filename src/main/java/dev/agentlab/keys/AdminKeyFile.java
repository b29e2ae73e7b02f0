package dev.agentlab.keys;

import dev.agentlab.secrets.PrivateFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/// The file of the admin key, which only its owner can read. It is there whole or not at all.
record AdminKeyFile(Path path) {

  /// What is in it; empty if it is not there.
  ///
  /// @throws AdminKeyFileException if it cannot be read
  Optional<String> text() {
    try {
      return Optional.of(Files.readString(path, StandardCharsets.ISO_8859_1));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new AdminKeyFileException("cannot read the admin key in %s: %s".formatted(path, e), e);
    }
  }

  /// Deletes drafts that hold the key, or a part of it, because their writers were killed. Call it
  /// while no process writes the file.
  ///
  /// @throws AdminKeyFileException if there are some and they cannot be deleted
  void deleteDrafts() {
    try {
      PrivateFile.deleteDrafts(path);
    } catch (IOException e) {
      throw new AdminKeyFileException(
          "cannot delete drafts of the admin key beside %s: %s".formatted(path, e), e);
    }
  }

  /// @throws AdminKeyFileException if it cannot be written
  void write(ApiKeyToken key) {
    write(key.reveal() + "\n");
  }

  private void write(String content) {
    try {
      PrivateFile.createFolder(Objects.requireNonNull(path.toAbsolutePath().getParent()));
      PrivateFile.write(path, content);
    } catch (IOException e) {
      throw new AdminKeyFileException("cannot write the admin key to %s: %s".formatted(path, e), e);
    }
  }

  /// Makes it what it was because of a failure, which stays the one that is reported.
  ///
  /// @param former its [#text] then
  void restoreAfter(RuntimeException failure, Optional<String> former) {
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
