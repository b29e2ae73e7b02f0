package dev.agentlab.backup;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Backup files for tests, of rows in the text format of `COPY`.
public final class TestBackups {
  /// A schema with the tables `providers` and `agents` only.
  public static final long SCHEMA_VERSION = 3;

  private TestBackups() {}

  /// Writes a complete backup.
  ///
  /// @param rows by table
  public static void write(Path file, int format, long schemaVersion, Map<String, String> rows) {
    List<BackupManifest.Table> tables = new ArrayList<>();
    try (BackupWriter writer = BackupWriter.create(file)) {
      for (BackupTable table : BackupTable.of(schemaVersion)) {
        String text = rows.getOrDefault(table.name(), "");
        ChecksummedRows content =
            writer.writeTable(
                table.name(),
                out -> {
                  ChecksummedRows copy = new ChecksummedRows(out);
                  copy.write(text.getBytes(StandardCharsets.UTF_8));
                  return copy;
                });
        tables.add(
            new BackupManifest.Table(
                table.name(),
                List.of("id", "name", "config", "created_at", "updated_at"),
                content.rows(),
                content.sha256(),
                List.of(),
                Optional.empty()));
      }
      long _ = writer.finish(manifest(format, schemaVersion, tables));
    }
  }

  static BackupManifest manifest(
      int format, long schemaVersion, List<BackupManifest.Table> tables) {
    return new BackupManifest(
        format, "9.8.7", schemaVersion, "18.4", Instant.EPOCH, List.of(), tables);
  }
}
