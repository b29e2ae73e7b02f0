package dev.agentlab.secrets;

import dev.agentlab.net.Uuids;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/// Creates and replaces files and directories that only their owner can access, such as key files.
public final class PrivateFile {
  /// The attribute to create a file with.
  public static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY_DIRECTORY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private PrivateFile() {}

  /// Creates a directory, and missing parent directories, with access for the owner only. Existing
  /// directories are not changed.
  public static void createDirectory(Path directory) throws IOException {
    Files.createDirectories(directory, OWNER_ONLY_DIRECTORY);
  }

  /// Creates or replaces a file atomically and durably: after a crash or power loss the file has
  /// either the old or the new content. The directory must exist.
  ///
  /// If the process is killed meanwhile, a draft (temporary file) remains, which [#deleteDrafts]
  /// deletes.
  ///
  /// @param text ASCII
  public static void write(Path path, String text) throws IOException {
    Path directory = Objects.requireNonNull(path.toAbsolutePath().getParent());
    Path draft = directory.resolve(path.getFileName() + "." + UUID.randomUUID());
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    try {
      try (FileChannel channel =
          FileChannel.open(
              draft, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), OWNER_ONLY)) {
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        channel.force(true);
      }
      Files.move(draft, path, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(draft);
    }
    syncDirectory(directory);
  }

  /// Makes the names in a directory durable, such as one that a file was renamed to.
  public static void syncDirectory(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /// Finds the drafts of a file, which another process is writing or a killed process has left.
  public static List<Path> findDrafts(Path path) throws IOException {
    Path directory = Objects.requireNonNull(path.toAbsolutePath().getParent());
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> isDraft(file, path)).toList();
    } catch (NoSuchFileException _) {
      return List.of();
    }
  }

  /// Deletes the drafts of a file. The caller must ensure that no process writes the file
  /// meanwhile.
  public static void deleteDrafts(Path path) throws IOException {
    for (Path draft : findDrafts(path)) {
      Files.deleteIfExists(draft);
    }
  }

  private static boolean isDraft(Path file, Path path) {
    String name = file.getFileName().toString();
    String prefix = path.getFileName() + ".";
    if (!name.startsWith(prefix)) {
      return false;
    }
    return Uuids.parse(name.substring(prefix.length())).isPresent();
  }
}
