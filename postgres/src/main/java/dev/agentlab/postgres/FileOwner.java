package dev.agentlab.postgres;

import com.sun.security.auth.module.UnixSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The owner of a file or folder, compared with the user of this process.
///
/// @param uid the number of the owner
/// @param name the name of the owner, or its number if it has none
public record FileOwner(long uid, String name) {
  private static final long ROOT = 0;

  /// The owner of a file.
  ///
  /// @throws IOException if the file does not exist
  public static FileOwner of(Path file) throws IOException {
    long uid = Integer.toUnsignedLong((int) Files.getAttribute(file, "unix:uid"));
    return new FileOwner(uid, Files.getOwner(file).getName());
  }

  /// Whether this process runs as root, and the owner is another user. Files that it creates there
  /// cannot be used by their owner.
  public boolean isOtherThanRoot() {
    return uid != ROOT && new UnixSystem().getUid() == ROOT;
  }

  /// Ensures that this process does not create files in a folder of another user as root. A folder
  /// that does not exist is accepted.
  ///
  /// @throws IOException with a message for the operator
  public static void requireNotOfOtherUser(Path folder) throws IOException {
    if (Files.notExists(folder)) {
      return;
    }
    FileOwner owner = of(folder);
    if (owner.isOtherThanRoot()) {
      throw new IOException(
          "%s belongs to user %s, who cannot use files that root creates; run the command as that user: runuser -u %s -- agent-lab …"
              .formatted(folder.toAbsolutePath(), owner.name(), owner.name()));
    }
  }
}
