package dev.agentlab.backup;

import dev.agentlab.json.Json;
import dev.agentlab.secrets.PrivateFile;
import dev.agentlab.secrets.Sha256;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// Writes a backup file, which appears under its name when it is complete and on disk. Only its
/// owner can read it.
///
/// The file is a ZIP file with an entry for each table, in the text format of `COPY`, and then the
/// manifest.
final class BackupWriter implements AutoCloseable {
  static final String MANIFEST = "manifest.json";
  static final String TABLE_PREFIX = "tables/";
  static final String TABLE_SUFFIX = ".copy";

  private static final int BUFFER_BYTES = 1 << 16;

  private final Path file;
  private final Path draft;
  private final FileChannel channel;
  private final MessageDigest digest = Sha256.digest();
  private final ZipOutputStream zip;

  private BackupWriter(Path file, Path draft, FileChannel channel) {
    this.file = file;
    this.draft = draft;
    this.channel = channel;
    zip =
        new ZipOutputStream(
            new DigestOutputStream(
                new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER_BYTES), digest));
    zip.setComment(Checksums.PLACEHOLDER);
  }

  /// The content of one entry.
  ///
  /// @param <E> an error of its source
  interface Content<T, E extends Exception> {
    T writeTo(OutputStream out) throws IOException, E;
  }

  /// Creates a temporary file beside a file that must not exist.
  ///
  /// @throws BackupException if the file exists, or none can be created in its folder
  static BackupWriter create(Path file) {
    Path draft = file.resolveSibling("%s.%s.tmp".formatted(file.getFileName(), UUID.randomUUID()));
    try {
      if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
        throw new FileAlreadyExistsException(file.toString());
      }
      FileChannel channel =
          FileChannel.open(
              draft,
              Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
              PrivateFile.OWNER_ONLY);
      // Also deletes it if a signal ends the program.
      draft.toFile().deleteOnExit();
      return new BackupWriter(file, draft, channel);
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  /// Writes the rows of a table.
  <T, E extends Exception> T writeTable(String name, Content<T, E> rows) throws E {
    return writeEntry(TABLE_PREFIX + name + TABLE_SUFFIX, rows);
  }

  /// Writes the manifest, and gives the file its name once it is on disk.
  ///
  /// @return the size of the file in bytes
  long finish(BackupManifest manifest) {
    byte[] json = Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(manifest);
    int _ =
        writeEntry(
            MANIFEST,
            out -> {
              out.write(json);
              return json.length;
            });
    try {
      zip.finish();
      zip.flush();
      String checksum = HexFormat.of().formatHex(digest.digest());
      ByteBuffer digits = ByteBuffer.wrap(checksum.getBytes(StandardCharsets.US_ASCII));
      long size = channel.size();
      while (digits.hasRemaining()) {
        channel.write(digits, size - digits.remaining());
      }
      channel.force(true);
      Files.move(draft, file);
      PrivateFile.syncDirectory(Objects.requireNonNull(file.toAbsolutePath().getParent()));
      return size;
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  private <T, E extends Exception> T writeEntry(String name, Content<T, E> content) throws E {
    try {
      zip.putNextEntry(new ZipEntry(name));
      T result = content.writeTo(zip);
      zip.closeEntry();
      return result;
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  private static BackupException failure(Path file, IOException cause) {
    String reason =
        switch (cause) {
          case FileAlreadyExistsException _ -> "it exists already; name another file";
          case NoSuchFileException _ -> "its folder does not exist";
          case AccessDeniedException _ ->
              "user %s may not write to its folder".formatted(System.getProperty("user.name"));
          default -> String.valueOf(cause.getMessage());
        };
    return new BackupException("cannot write %s: %s".formatted(file, reason), cause);
  }

  /// Deletes the temporary file, if the file is not complete.
  @Override
  public void close() {
    try (channel) {
      Files.deleteIfExists(draft);
    } catch (IOException e) {
      throw failure(draft, e);
    }
  }
}
