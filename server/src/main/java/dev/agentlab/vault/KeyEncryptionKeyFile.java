package dev.agentlab.vault;

import dev.agentlab.secrets.PrivateFile;
import dev.agentlab.secrets.Secret;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;

/// A file of key-encryption keys in base64, one per line, the newest first. Only its owner may read
/// it. Several processes may share it: one process at a time replaces it atomically.
final class KeyEncryptionKeyFile {
  private static final Set<PosixFilePermission> OWNER_PERMISSIONS =
      EnumSet.of(
          PosixFilePermission.OWNER_READ,
          PosixFilePermission.OWNER_WRITE,
          PosixFilePermission.OWNER_EXECUTE);

  /// A file lock belongs to the process: this lock serializes its threads.
  private static final ReentrantLock PROCESS_LOCK = new ReentrantLock();

  private final Path path;

  KeyEncryptionKeyFile(Path path) {
    this.path = path;
  }

  /// Reads the keys. Empty if the file does not exist.
  ///
  /// @throws VaultException if the file is unreadable, has invalid content, or grants access to
  ///   others than its owner
  List<KeyEncryptionKey> read() {
    try {
      Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(path);
      if (!OWNER_PERMISSIONS.containsAll(permissions)) {
        throw new VaultException(
            "%s must be accessible by its owner only, has permissions %s; run: chmod 600 '%s'"
                .formatted(path, PosixFilePermissions.toString(permissions), path));
      }
      List<KeyEncryptionKey> keys =
          Files.readAllLines(path, StandardCharsets.US_ASCII).stream()
              .map(String::strip)
              .filter(line -> !line.isEmpty() && !line.startsWith("#"))
              .map(line -> KeyEncryptionKey.of(Secret.of(line)))
              .toList();
      if (keys.isEmpty()) {
        throw new VaultException(
            "%s contains no key; restore it from a backup, or delete it if no secret is stored yet"
                .formatted(path));
      }
      return keys;
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (AccessDeniedException e) {
      throw new VaultException(
          "%s cannot be read by user %s; change its owner to that user"
              .formatted(path, System.getProperty("user.name")),
          e);
    } catch (IOException | IllegalArgumentException e) {
      // No cause: its message may contain key material.
      throw new VaultException(
          "%s is invalid: it must contain keys of 32 bytes in base64, one per line, the newest first"
              .formatted(path));
    }
  }

  /// Deletes the drafts of killed writers, which contain keys or parts of keys.
  ///
  /// @throws VaultException if there are drafts that cannot be deleted
  void deleteDrafts() {
    try {
      if (PrivateFile.findDrafts(path).isEmpty()) {
        return;
      }
    } catch (IOException e) {
      throw new VaultException("cannot list the drafts in %s: %s".formatted(folder(), e), e);
    }
    update(UnaryOperator.identity());
  }

  /// Replaces the keys atomically and durably. Creates the file if it is missing; does not write it
  /// if the keys stay the same.
  ///
  /// @param change maps the present keys to the new ones
  List<KeyEncryptionKey> update(UnaryOperator<List<KeyEncryptionKey>> change) {
    PROCESS_LOCK.lock();
    try {
      PrivateFile.createDirectory(folder());
      Path lock = path.resolveSibling(path.getFileName() + ".lock");
      createIfMissing(lock);
      try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE);
          var _ = channel.lock()) {
        PrivateFile.deleteDrafts(path);
        List<KeyEncryptionKey> old = read();
        List<KeyEncryptionKey> keys = change.apply(old);
        if (!keys.equals(old)) {
          write(keys);
        }
        return keys;
      }
    } catch (IOException e) {
      throw new VaultException(
          "%s cannot be written: %s; it contains the key-encryption key of all stored secrets"
              .formatted(path, e.getClass().getSimpleName()),
          e);
    } finally {
      PROCESS_LOCK.unlock();
    }
  }

  private void write(List<KeyEncryptionKey> keys) throws IOException {
    StringBuilder text = new StringBuilder();
    keys.forEach(key -> text.append(key.base64()).append('\n'));
    PrivateFile.write(path, text.toString());
  }

  private Path folder() {
    return Objects.requireNonNull(path.toAbsolutePath().getParent());
  }

  private static void createIfMissing(Path lock) throws IOException {
    FileChannel.open(
            lock,
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
            PrivateFile.OWNER_ONLY)
        .close();
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
