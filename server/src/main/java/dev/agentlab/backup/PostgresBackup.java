package dev.agentlab.backup;

import dev.agentlab.build.Build;
import dev.agentlab.database.Migrator;
import dev.agentlab.database.SqlStatement;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Backs the tables of a database up, in one snapshot, while services use it.
public final class PostgresBackup {
  private PostgresBackup() {}

  /// A backup that was written.
  ///
  /// @param bytes the size of the file
  public record Result(BackupManifest manifest, long bytes) {}

  /// Writes a backup.
  ///
  /// @param file must not exist
  /// @throws BackupException if the file cannot be written, or exists
  /// @throws dev.agentlab.database.DatabaseException as for [Migrator#readSnapshot]
  public static Result write(Migrator migrator, Path file) throws InterruptedException {
    try (BackupWriter writer = BackupWriter.create(file)) {
      BackupManifest manifest =
          migrator.readSnapshot((connection, version) -> write(connection, version, writer));
      return new Result(manifest, writer.finish(manifest));
    }
  }

  private static BackupManifest write(Connection connection, long version, BackupWriter writer)
      throws SQLException {
    PostgresCopy copy = new PostgresCopy(connection);
    copy.makeReproducible();
    List<BackupManifest.Table> tables = new ArrayList<>();
    for (BackupTable table : BackupTable.of(version)) {
      List<String> columns = copy.columns(table.name());
      BackupManifest.Table written =
          writer.writeTable(table.name(), out -> write(copy, table.name(), columns, out));
      tables.add(written);
    }
    return new BackupManifest(
        BackupManifest.FORMAT,
        Build.current().version(),
        version,
        serverVersion(connection),
        Instant.now().truncatedTo(ChronoUnit.SECONDS),
        keyEncryptionKeys(connection, version),
        tables);
  }

  private static BackupManifest.Table write(
      PostgresCopy copy, String table, List<String> columns, OutputStream out)
      throws IOException, SQLException {
    ChecksummedRows rows = new ChecksummedRows(out);
    copy.out(table, columns, rows);
    // Read after the snapshot, so that no value in it is higher.
    return new BackupManifest.Table(
        table,
        columns,
        rows.rows(),
        rows.sha256(),
        copy.identities(table),
        Optional.of(copy.partitions(table)));
  }

  private static String serverVersion(Connection connection) throws SQLException {
    String sql = "SELECT current_setting('server_version') AS version";
    return new SqlStatement(connection, sql).one(row -> row.text("version"));
  }

  private static List<String> keyEncryptionKeys(Connection connection, long version)
      throws SQLException {
    if (BackupTable.of(version).stream()
        .noneMatch(table -> table.name().equals(BackupTable.DATA_KEYS))) {
      return List.of();
    }
    String sql = "SELECT DISTINCT kek FROM data_keys ORDER BY kek";
    return new SqlStatement(connection, sql).all(row -> row.text("kek"));
  }
}
