package dev.agentlab.secrets;

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

/// Files that only their owner can read, such as those of keys, and the folders they are in.
public final class PrivateFile {
  /// What one is created with.
  public static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private static final FileAttribute<Set<PosixFilePermission>> PRIVATE_FOLDER =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private PrivateFile() {}

  /// Makes a folder that only its owner can enter, and in the same way those that it is in; what is
  /// there stays as it is.
  public static void createFolder(Path folder) throws IOException {
    Files.createDirectories(folder, PRIVATE_FOLDER);
  }

  /// Writes a file, in the place of the one that is there, at once and for good when this returns:
  /// at every moment, a loss of power included, one or the other is there whole. Its folder exists.
  ///
  /// A process that is killed meanwhile leaves a draft, which [#deleteDrafts] deletes.
  ///
  /// @param text in ASCII
  public static void write(Path path, String text) throws IOException {
    Path folder = Objects.requireNonNull(path.toAbsolutePath().getParent());
    Path draft = folder.resolve(path.getFileName() + "." + UUID.randomUUID());
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    try {
      try (FileChannel channel =
          FileChannel.open(
              draft, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), PRIVATE)) {
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        channel.force(true);
      }
      Files.move(draft, path, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(draft);
    }
    // The name must survive a loss of power too.
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /// The drafts beside a file: each is being written, or its writer was killed.
  public static List<Path> drafts(Path path) throws IOException {
    Path folder = Objects.requireNonNull(path.toAbsolutePath().getParent());
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> isDraft(file, path)).toList();
    } catch (NoSuchFileException _) {
      return List.of();
    }
  }

  /// Deletes the drafts beside a file. The caller ensures that no process writes the file
  /// meanwhile.
  public static void deleteDrafts(Path path) throws IOException {
    for (Path draft : drafts(path)) {
      Files.deleteIfExists(draft);
    }
  }

  private static boolean isDraft(Path file, Path path) {
    String name = file.getFileName().toString();
    String start = path.getFileName() + ".";
    if (!name.startsWith(start)) {
      return false;
    }
    String suffix = name.substring(start.length());
    try {
      return UUID.fromString(suffix).toString().equals(suffix);
    } catch (IllegalArgumentException _) {
      return false;
    }
  }
}
