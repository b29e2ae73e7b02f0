package dev.agentlab.backup;

import dev.agentlab.database.Migrator;
import dev.agentlab.secrets.Sha256;
import dev.agentlab.vault.DataKeyVerifier;
import dev.agentlab.vault.KeyEncryptionKeySource;
import java.io.IOException;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/// Restores a backup into an empty database.
public final class PostgresRestore implements AutoCloseable {
  private final BackupReader reader;

  private PostgresRestore(BackupReader reader) {
    this.reader = reader;
  }

  /// Opens a backup and verifies all of it, before anything is written: its checksums, that this
  /// program can restore it, and that the configured keys can open its data keys.
  ///
  /// @throws BackupException if the file is no complete backup, was modified, or is of a newer
  ///   program
  /// @throws dev.agentlab.vault.VaultException if a key-encryption key is not available
  public static PostgresRestore open(Path file, KeyEncryptionKeySource keys) {
    BackupReader reader = BackupReader.open(file);
    try {
      reader.verifyRows();
      reader.verifyDataKeys(new DataKeyVerifier(keys, "the backup"));
      return new PostgresRestore(reader);
    } catch (RuntimeException e) {
      reader.close();
      throw e;
    }
  }

  /// What the backup contains.
  public BackupManifest manifest() {
    return reader.manifest();
  }

  /// Requires that a database is empty.
  ///
  /// @throws dev.agentlab.database.DatabaseException if it is not
  public static void requireEmpty(Migrator migrator) {
    migrator.requireEmpty(BackupTable.names());
  }

  /// Creates the schema of the backup and its rows, in one transaction. The schema is not migrated
  /// further.
  ///
  /// @throws dev.agentlab.database.DatabaseException if the database is not empty
  /// @throws BackupException if the file cannot be read; the database stays empty
  public void restoreInto(Migrator migrator) throws InterruptedException {
    migrator.create(
        manifest().schemaVersion(),
        BackupTable.names(),
        (connection, _) -> {
          fill(connection);
          return manifest();
        });
  }

  private void fill(Connection connection) throws SQLException {
    PostgresCopy copy = new PostgresCopy(connection);
    List<BackupManifest.Table> tables = manifest().tables();
    for (BackupManifest.Table table : tables) {
      requireColumns(table, copy.columns(table.name()));
    }
    List<String> names = tables.stream().map(BackupManifest.Table::name).toList();
    List<BackupManifest.Table> _ =
        new PostgresTableFiller(connection, names)
            .fill(_ -> {
              for (BackupManifest.Table table : tables) {
                copy.createPartitions(table.name(), table.days());
                copyRows(copy, table);
                for (BackupManifest.Identity identity : table.identities()) {
                  copy.setIdentity(table.name(), identity);
                }
              }
              return tables;
            });
  }

  private void copyRows(PostgresCopy copy, BackupManifest.Table table) throws SQLException {
    try (DigestInputStream rows = new DigestInputStream(reader.rows(table), Sha256.digest())) {
      copy.in(table.name(), table.columns(), rows);
      // The file was verified before; it may have changed since.
      String sha256 = HexFormat.of().formatHex(rows.getMessageDigest().digest());
      if (!sha256.equals(table.sha256())) {
        throw reader.damaged("it changed while it was restored");
      }
    } catch (IOException e) {
      throw reader.unreadable(e);
    }
  }

  /// The columns of the file become part of a statement, so only those of the table are accepted.
  private void requireColumns(BackupManifest.Table table, List<String> columns) {
    if (table.columns().size() != columns.size()
        || !Set.copyOf(table.columns()).equals(Set.copyOf(columns))) {
      throw reader.damaged(
          "its table %s has the columns %s, not %s"
              .formatted(
                  table.name(), String.join(", ", table.columns()), String.join(", ", columns)));
    }
  }

  @Override
  public void close() {
    reader.close();
  }
}
