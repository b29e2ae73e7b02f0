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

/// A file of wrapping keys, the newest first, one a line in base64. Only its owner may read it.
/// Several processes may share it: it is replaced as a whole, by one at a time.
final class KeyEncryptionKeyFile {
  private static final Set<PosixFilePermission> OWNERS =
      EnumSet.of(
          PosixFilePermission.OWNER_READ,
          PosixFilePermission.OWNER_WRITE,
          PosixFilePermission.OWNER_EXECUTE);

  /// A lock on a file is the process's: within it, threads take turns here.
  private static final ReentrantLock TURN = new ReentrantLock();

  private final Path path;

  KeyEncryptionKeyFile(Path path) {
    this.path = path;
  }

  /// The keys in it; none if there is no such file.
  ///
  /// @throws VaultException if it cannot be used, or others may read it
  List<KeyEncryptionKey> read() {
    try {
      Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(path);
      if (!OWNERS.containsAll(permissions)) {
        throw new VaultException(
            "%s is open to others than its owner (%s); run: chmod 600 '%s'"
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
            "%s holds no key; bring it back from a backup, or delete it if nothing is kept yet"
                .formatted(path));
      }
      return keys;
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (AccessDeniedException e) {
      throw new VaultException(
          "%s cannot be read by user %s; give it to that user"
              .formatted(path, System.getProperty("user.name")),
          e);
    } catch (IOException | IllegalArgumentException e) {
      // The cause may repeat what it read.
      throw new VaultException(
          "%s cannot be used: it must hold keys of 32 bytes in base64, one a line, the newest first"
              .formatted(path));
    }
  }

  /// Deletes drafts that hold keys, or parts of keys, because their writers were killed.
  ///
  /// @throws VaultException if there are some and they cannot be deleted
  void deleteDrafts() {
    try {
      if (PrivateFile.drafts(path).isEmpty()) {
        return;
      }
    } catch (IOException e) {
      throw new VaultException("%s cannot be searched for drafts: %s".formatted(folder(), e), e);
    }
    change(UnaryOperator.identity());
  }

  /// Replaces the keys by others, at once and for good when this returns. It is made if it is
  /// missing; what would not change it does not touch it.
  ///
  /// @param change makes the new keys of those in it
  List<KeyEncryptionKey> change(UnaryOperator<List<KeyEncryptionKey>> change) {
    TURN.lock();
    try {
      PrivateFile.createFolder(folder());
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
          "%s cannot be written: %s; it keeps the key of all stored secrets"
              .formatted(path, e.getClass().getSimpleName()),
          e);
    } finally {
      TURN.unlock();
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
            lock, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), PrivateFile.PRIVATE)
        .close();
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
