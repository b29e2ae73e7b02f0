package dev.agentlab.backup;

import dev.agentlab.build.Build;
import dev.agentlab.database.Migration;
import dev.agentlab.json.Json;
import dev.agentlab.vault.DataKeyVerifier;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// Reads a backup file.
final class BackupReader implements AutoCloseable {
  private static final int MAX_MANIFEST_BYTES = 1 << 20;

  /// The first bytes of every ZIP file with an entry.
  private static final byte[] ZIP_SIGNATURE = {'P', 'K', 3, 4};

  private static final String DAMAGED = "%s is damaged: %s; use another backup";

  private final Path file;
  private final ZipFile zip;
  private final BackupManifest manifest;

  private BackupReader(Path file, ZipFile zip) throws IOException {
    this.file = file;
    this.zip = zip;
    manifest = readManifest();
  }

  /// Opens a file, and verifies its checksum and that this program can restore it.
  ///
  /// @throws BackupException if it is no complete backup, was modified, or its format or schema is
  ///   newer than this program
  static BackupReader open(Path file) {
    try {
      verifyChecksum(file);
      ZipFile zip = new ZipFile(file.toFile());
      try {
        return new BackupReader(file, zip);
      } catch (IOException | RuntimeException e) {
        zip.close();
        throw e;
      }
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static void verifyChecksum(Path file) throws IOException {
    byte[] signature;
    byte[] comment;
    long size;
    try (SeekableByteChannel bytes = Files.newByteChannel(file)) {
      size = bytes.size();
      InputStream start = Channels.newInputStream(bytes);
      signature = start.readNBytes(ZIP_SIGNATURE.length);
      bytes.position(Math.max(0, size - Checksums.PLACEHOLDER.length()));
      comment = start.readNBytes(Checksums.PLACEHOLDER.length());
    }
    if (!Arrays.equals(signature, ZIP_SIGNATURE)) {
      throw new BackupException("%s is not a backup of agent-lab".formatted(file));
    }
    if (!Checksums.isComment(comment)) {
      throw new BackupException(
          "%s is not a complete backup of agent-lab: it does not end with a checksum, so it was truncated, or written by another program"
              .formatted(file));
    }
    try (InputStream content = Files.newInputStream(file)) {
      if (!Checksums.compute(content, size).equals(Checksums.read(comment))) {
        throw new BackupException(
            DAMAGED.formatted(file, "its content does not match its checksum"));
      }
    }
  }

  private BackupManifest readManifest() throws IOException {
    JsonNode json;
    try (InputStream content = open(BackupWriter.MANIFEST)) {
      json = Json.MAPPER.readTree(content.readNBytes(MAX_MANIFEST_BYTES));
    } catch (JacksonException e) {
      throw damaged("its manifest is invalid");
    }
    requireSupported(json);
    try {
      BackupManifest parsed = Json.MAPPER.treeToValue(json, BackupManifest.class);
      // Sorted, because the order of an earlier program may be another one.
      List<String> expected =
          BackupTable.of(parsed.schemaVersion()).stream().map(BackupTable::name).sorted().toList();
      if (!parsed.tables().stream()
              .map(BackupManifest.Table::name)
              .sorted()
              .toList()
              .equals(expected)
          || Migration.ALL.stream().noneMatch(it -> it.version() == parsed.schemaVersion())) {
        throw damaged("its tables are not those of schema version " + parsed.schemaVersion());
      }
      return parsed;
    } catch (JacksonException e) {
      throw damaged("its manifest is invalid");
    }
  }

  /// Read from JSON, because a manifest of another format may have other members.
  private void requireSupported(JsonNode json) {
    String program = json.path("program").asString("");
    long format = json.path("format").asLong(0);
    if (format > BackupManifest.FORMAT) {
      throw tooNew("format", format, program, BackupManifest.FORMAT);
    }
    long schema = json.path("schema_version").asLong(0);
    long latest = Migration.ALL.getLast().version();
    if (schema > latest) {
      throw tooNew("schema version", schema, program, latest);
    }
  }

  private BackupException tooNew(String what, long version, String program, long supported) {
    return new BackupException(
        "%s has %s %d, written by agent-lab %s, but this agent-lab %s supports up to %d; restore it with agent-lab %s or later"
            .formatted(
                file, what, version, program, Build.current().version(), supported, program));
  }

  /// What the file contains.
  BackupManifest manifest() {
    return manifest;
  }

  /// Reads all rows, and verifies their number and checksums.
  ///
  /// @throws BackupException if they are not those of the manifest
  void verifyRows() {
    for (BackupManifest.Table table : manifest.tables()) {
      ChecksummedRows rows = new ChecksummedRows(OutputStream.nullOutputStream());
      try (InputStream content = rows(table)) {
        content.transferTo(rows);
      } catch (IOException e) {
        throw unreadable(e);
      }
      verify(table, rows.rows(), rows.sha256());
    }
  }

  private void verify(BackupManifest.Table table, long rows, String sha256) {
    if (rows != table.rows()) {
      throw damaged("its table %s has %d rows, not %d".formatted(table.name(), rows, table.rows()));
    }
    if (!sha256.equals(table.sha256())) {
      throw damaged("its table %s does not match its checksum".formatted(table.name()));
    }
  }

  /// Verifies that the configured key-encryption keys can open all data keys.
  ///
  /// @throws dev.agentlab.vault.VaultException if a key is not available, or does not open a data
  ///   key
  void verifyDataKeys(DataKeyVerifier verifier) {
    verifier.requireAvailable(manifest.keyEncryptionKeys());
    for (BackupManifest.Table table : manifest.tables()) {
      if (table.name().equals(BackupTable.DATA_KEYS)) {
        verifyDataKeys(table, verifier);
      }
    }
  }

  private void verifyDataKeys(BackupManifest.Table table, DataKeyVerifier verifier) {
    int owner = table.columns().indexOf("owner_table");
    int id = table.columns().indexOf("owner_id");
    int key = table.columns().indexOf("kek");
    int wrapped = table.columns().indexOf("wrapped");
    try (InputStream content = rows(table)) {
      for (byte[] line = readLine(content); line.length > 0; line = readLine(content)) {
        CopyRow row = CopyRow.parse(line);
        verifier.requireUnwrappable(
            row.text(owner), UUID.fromString(row.text(id)), row.text(key), row.bytes(wrapped));
      }
    } catch (IOException e) {
      throw unreadable(e);
    } catch (IllegalArgumentException e) {
      throw damaged("its data keys are invalid");
    }
  }

  /// Reads a line without its newline; empty at the end, because no row of data keys is empty.
  private static byte[] readLine(InputStream content) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int next = content.read(); next >= 0 && next != '\n'; next = content.read()) {
      line.write(next);
    }
    return line.toByteArray();
  }

  /// The rows of a table in the text format of `COPY`.
  InputStream rows(BackupManifest.Table table) throws IOException {
    return new BufferedInputStream(
        open(BackupWriter.TABLE_PREFIX + table.name() + BackupWriter.TABLE_SUFFIX), 1 << 16);
  }

  private InputStream open(String name) throws IOException {
    ZipEntry entry = zip.getEntry(name);
    if (entry == null) {
      throw damaged("it has no " + name);
    }
    return Objects.requireNonNull(zip.getInputStream(entry));
  }

  /// The exception for content that cannot be restored.
  BackupException damaged(String reason) {
    return new BackupException(DAMAGED.formatted(file, reason));
  }

  /// The exception for a file that cannot be read.
  BackupException unreadable(IOException cause) {
    return unreadable(file, cause);
  }

  private static BackupException unreadable(Path file, IOException cause) {
    String reason =
        switch (cause) {
          case NoSuchFileException _ -> "it does not exist";
          case AccessDeniedException _ ->
              "user %s may not read it".formatted(System.getProperty("user.name"));
          default -> String.valueOf(cause.getMessage());
        };
    return new BackupException("cannot read %s: %s".formatted(file, reason), cause);
  }

  @Override
  public void close() {
    try {
      zip.close();
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }
}
