package dev.agentlab.secrets;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/// Files that contain one secret: UTF-8 text, whose line break at the end is not part of it.
public final class SecretFile {
  /// More than any real secret has, and small enough to read into memory.
  private static final int MAX_SECRET_BYTES = 16_000;

  private SecretFile() {}

  /// Thrown if a file contains no secret. The message has the reason, to follow "names a file
  /// that", and nothing of the content.
  public static final class UnreadableException extends Exception {
    private UnreadableException(String message) {
      super(message);
    }
  }

  /// Reads the secret in a file.
  public static Secret read(Path file) throws UnreadableException {
    try {
      if (!Files.readAttributes(file, BasicFileAttributes.class).isRegularFile()) {
        throw new UnreadableException("is not a regular file");
      }
      byte[] bytes;
      try (InputStream in = Files.newInputStream(file)) {
        bytes = in.readNBytes(MAX_SECRET_BYTES + 1);
      }
      if (bytes.length > MAX_SECRET_BYTES) {
        throw new UnreadableException(
            "has more than %d bytes, the maximum for a secret".formatted(MAX_SECRET_BYTES));
      }
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      String line = text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
      String secret = line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
      if (secret.isEmpty()) {
        throw new UnreadableException("is empty");
      }
      return Secret.of(secret);
    } catch (CharacterCodingException _) {
      throw new UnreadableException("is not UTF-8 text");
    } catch (NoSuchFileException _) {
      throw new UnreadableException("does not exist");
    } catch (AccessDeniedException _) {
      throw new UnreadableException(
          "user %s is not permitted to read".formatted(System.getProperty("user.name")));
    } catch (IOException _) {
      throw new UnreadableException("the service cannot read");
    }
  }
}
