package dev.agentlab.keys;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Set;

/// A file that holds one key and that only its owner can read. It is there whole or not at all.
record KeyFile(Path path) {

  /// @throws KeyFileException if it cannot be written
  void write(KeyText key) {
    Path folder = Objects.requireNonNull(path.toAbsolutePath().getParent());
    try {
      Files.createDirectories(folder);
      Path draft = Files.createTempFile(folder, "new-", ".key", ownerOnly());
      try {
        try (FileChannel channel = FileChannel.open(draft, Set.of(StandardOpenOption.WRITE))) {
          ByteBuffer text =
              ByteBuffer.wrap((key.reveal() + "\n").getBytes(StandardCharsets.ISO_8859_1));
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

  /// Removes it because of a failure, which stays the one that is reported.
  void removeAfter(RuntimeException failure) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }
}
