package dev.agentlab.backup;

import dev.agentlab.database.Migrator;
import dev.agentlab.database.SqlStatement;
import dev.agentlab.vault.DataKeyVerifier;
import dev.agentlab.vault.KeyEncryptionKeySource;
import java.io.IOException;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
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
    List<String> enabling = new ArrayList<>();
    for (BackupManifest.Table table : tables) {
      requireColumns(table, copy.columns(table.name()));
      enabling.addAll(statementsThatEnableTriggers(connection, table.name()));
      execute(connection, "ALTER TABLE %s DISABLE TRIGGER USER".formatted(table.name()));
    }
    // Migrations insert rows too.
    for (BackupManifest.Table table : tables.reversed()) {
      execute(connection, "DELETE FROM " + table.name());
    }
    for (BackupManifest.Table table : tables) {
      copyRows(copy, table);
      for (BackupManifest.Identity identity : table.identities()) {
        copy.setIdentity(table.name(), identity);
      }
    }
    for (String statement : enabling) {
      execute(connection, statement);
    }
    // Without statistics the first queries would have bad plans.
    for (BackupManifest.Table table : tables) {
      execute(connection, "ANALYZE " + table.name());
    }
  }

  private void copyRows(PostgresCopy copy, BackupManifest.Table table) throws SQLException {
    try (DigestInputStream rows = new DigestInputStream(reader.rows(table), Checksums.sha256())) {
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

  /// The statements that give each trigger of a table its present mode again, after all were
  /// disabled.
  private static List<String> statementsThatEnableTriggers(Connection connection, String table)
      throws SQLException {
    String sql =
        """
        SELECT format('ALTER TABLE %I ENABLE %s TRIGGER %I', relname, mode, tgname) AS statement
        FROM pg_trigger
          JOIN pg_class ON pg_class.oid = tgrelid
          JOIN (VALUES ('O', ''), ('A', 'ALWAYS'), ('R', 'REPLICA')) AS modes (code, mode)
            ON code = tgenabled::text
        WHERE tgrelid = to_regclass(:table) AND NOT tgisinternal
        """;
    return new SqlStatement(connection, sql).bind("table", table).all(row -> row.text("statement"));
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    new SqlStatement(connection, sql).update();
  }

  @Override
  public void close() {
    reader.close();
  }
}
