package dev.agentlab.keys;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// A file that holds one key and that only its owner can read. It is there whole or not at all.
record KeyFile(Path path) {

  /// What is in it; empty if it is not there.
  ///
  /// @throws KeyFileException if it cannot be read
  Optional<String> text() {
    try {
      return Optional.of(Files.readString(path, StandardCharsets.ISO_8859_1));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new KeyFileException("cannot read the admin key in %s: %s".formatted(path, e), e);
    }
  }

  /// @throws KeyFileException if it cannot be written
  void write(KeyText key) {
    write(key.reveal() + "\n");
  }

  private void write(String content) {
    Path folder = Objects.requireNonNull(path.toAbsolutePath().getParent());
    try {
      Files.createDirectories(folder);
      Path draft = Files.createTempFile(folder, "new-", ".key", ownerOnly());
      try {
        try (FileChannel channel = FileChannel.open(draft, Set.of(StandardOpenOption.WRITE))) {
          ByteBuffer text = ByteBuffer.wrap(content.getBytes(StandardCharsets.ISO_8859_1));
          while (text.hasRemaining()) {
            channel.write(text);
          }
          channel.force(true);
        }
        Files.move(draft, path, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(draft);
      }
    } catch (IOException e) {
      throw new KeyFileException("cannot write the admin key to %s: %s".formatted(path, e), e);
    }
  }

  private static java.nio.file.attribute.FileAttribute<?> ownerOnly() {
    return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
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
    } catch (IOException | KeyFileException e) {
      failure.addSuppressed(e);
    }
  }
}
