package dev.agentlab.server;

import dev.agentlab.errors.UnavailableException;
import dev.agentlab.keys.KeyHash;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.SecureRandom;
import java.time.Duration;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// The pepper that keys are hashed with: 256 random bits in a file of the data folder that only its
/// owner can read, made at the first start. Safe for all threads.
final class Pepper implements KeyHash {
  private static final String ALGORITHM = "HmacSHA256";
  private static final int BYTES = 32;

  private final Path file;
  private volatile @Nullable Key key;

  /// One for each thread, because setting one up costs more than using it.
  private final ThreadLocal<Mac> macs = ThreadLocal.withInitial(this::mac);

  Pepper(Path dataDir) {
    file = dataDir.resolve("pepper");
  }

  /// Reads the file, or makes it.
  void load() throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    if (Files.notExists(file)) {
      make();
    }
    byte[] pepper = Files.readAllBytes(file);
    if (pepper.length != BYTES) {
      throw new IOException("%s must have %d bytes".formatted(file, BYTES));
    }
    key = new SecretKeySpec(pepper, ALGORITHM);
  }

  private void make() throws IOException {
    byte[] random = new byte[BYTES];
    new SecureRandom().nextBytes(random);
    Path draft =
        Files.createTempFile(
            file.toAbsolutePath().getParent(),
            "new-",
            ".pepper",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try {
      Files.write(draft, random);
      Files.createLink(file, draft);
    } catch (FileAlreadyExistsException _) {
      // Another process was first.
    } finally {
      Files.delete(draft);
    }
  }

  @Override
  public byte[] of(byte[] text) {
    return macs.get().doFinal(text);
  }

  private Mac mac() {
    Key loaded = key;
    if (loaded == null) {
      throw new UnavailableException(
          "the service is starting", Duration.ofSeconds(1), new IOException("not read: " + file));
    }
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(loaded);
      return mac;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has " + ALGORITHM, e);
    }
  }
}
