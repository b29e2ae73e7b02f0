package dev.agentlab.postgres;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Operations on files and folders.
final class FolderOperations {
  static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");

  /// The name prefix of an incomplete folder, which is renamed when it is complete.
  static final String DRAFT_PREFIX = "new-";

  private static final Logger LOG = LoggerFactory.getLogger(FolderOperations.class);

  private FolderOperations() {}

  static Path parent(Path path) {
    return Objects.requireNonNull(path.getParent());
  }

  static String name(Path path) {
    return Objects.requireNonNull(path.getFileName()).toString();
  }

  /// Restricts a folder to its owner, and creates it if it does not exist.
  static void createPrivate(Path folder) throws IOException {
    if (Files.notExists(folder)) {
      Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
    }
    Files.setPosixFilePermissions(folder, OWNER_ONLY);
  }

  /// Flushes a folder and its contents to disk, so that they survive a power loss.
  static void sync(Path folder) throws IOException {
    try (Stream<Path> tree = Files.walk(folder)) {
      for (Path path : (Iterable<Path>) tree.filter(it -> !Files.isSymbolicLink(it))::iterator) {
        syncPath(path);
      }
    }
  }

  /// Flushes a file, or the entries of a folder, to disk.
  static void syncPath(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /// The incomplete folders, of which those of killed processes remain.
  static List<Path> drafts(Path parent) throws IOException {
    return children(parent).stream().filter(FolderOperations::isDraft).toList();
  }

  static boolean isDraft(Path folder) {
    return name(folder).startsWith(DRAFT_PREFIX);
  }

  /// Deletes an unused folder. An error, such as when a process still writes to it, is logged; a
  /// later start deletes the folder.
  static void deleteQuietly(Path folder) {
    try {
      delete(folder);
    } catch (IOException e) {
      LOG.warn("folder not deleted: {}", folder, e);
    }
  }

  static List<Path> children(Path folder) throws IOException {
    try (Stream<Path> children = Files.list(folder)) {
      return children.toList();
    }
  }

  static void delete(Path root) throws IOException {
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure)
              throws IOException {
            if (failure instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw failure;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            Files.deleteIfExists(folder);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
