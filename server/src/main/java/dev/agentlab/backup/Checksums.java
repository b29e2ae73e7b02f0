package dev.agentlab.backup;

import dev.agentlab.secrets.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;

/// The checksum of a backup file, in the comment at the end of the ZIP file.
///
/// It is the SHA-256 of the whole file, computed with zeros in its own place.
final class Checksums {
  private static final String PREFIX = "agent-lab backup sha256:";
  private static final String ZEROS = "0".repeat(64);

  /// The comment before the checksum is known.
  static final String PLACEHOLDER = PREFIX + ZEROS;

  /// The number of bytes of the checksum, which end the file.
  static final int DIGITS = ZEROS.length();

  private Checksums() {}

  /// Whether the last bytes of a file are a comment with a checksum.
  ///
  /// @param comment as many bytes as [#PLACEHOLDER] has characters
  static boolean isComment(byte[] comment) {
    return new String(comment, StandardCharsets.US_ASCII).startsWith(PREFIX);
  }

  /// The checksum in a comment.
  static String read(byte[] comment) {
    return new String(comment, StandardCharsets.US_ASCII).substring(PREFIX.length());
  }

  /// Computes the checksum of a file.
  ///
  /// @param size of the file in bytes
  static String compute(InputStream file, long size) throws IOException {
    MessageDigest digest = Sha256.digest();
    byte[] buffer = new byte[1 << 16];
    long remaining = size - DIGITS;
    while (remaining > 0) {
      int read = file.read(buffer, 0, (int) Math.min(buffer.length, remaining));
      if (read < 0) {
        throw new IOException("the file became shorter while it was read");
      }
      digest.update(buffer, 0, read);
      remaining -= read;
    }
    digest.update(ZEROS.getBytes(StandardCharsets.US_ASCII));
    return HexFormat.of().formatHex(digest.digest());
  }
}
