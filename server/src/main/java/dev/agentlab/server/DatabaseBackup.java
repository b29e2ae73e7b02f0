package dev.agentlab.server;

import dev.agentlab.audit.AuditChainWorker;
import dev.agentlab.audit.AuditReader;
import dev.agentlab.audit.VerificationReport;
import dev.agentlab.backup.BackupManifest;
import dev.agentlab.backup.PostgresBackup;
import dev.agentlab.backup.PostgresRestore;
import dev.agentlab.config.Config;
import dev.agentlab.config.Settings;
import dev.agentlab.database.Database;
import dev.agentlab.database.DatabaseSettings;
import dev.agentlab.database.Dsn;
import dev.agentlab.database.EmbeddedPostgresLauncher;
import dev.agentlab.database.Migrator;
import dev.agentlab.postgres.EmbeddedPostgres;
import dev.agentlab.postgres.FileOwner;
import dev.agentlab.secrets.KeyedHash;
import dev.agentlab.vault.KeyEncryptionKeySource;
import dev.agentlab.vault.Vault;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// Backs up the service's database, and restores it. Requires only the configuration, no API key.
public final class DatabaseBackup {
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(30);

  private DatabaseBackup() {}

  /// The result of a restore.
  ///
  /// @param manifest of the backup
  /// @param schemaVersion the version of the schema after its migration
  /// @param audit the verification of the audit trail; empty if the backup has no key for it,
  ///   because no service has used the database
  public record RestoreResult(
      BackupManifest manifest, long schemaVersion, Optional<VerificationReport> audit) {}

  /// Writes a backup, also while the service runs. Starts a stopped embedded PostgreSQL for it.
  ///
  /// @param file must not exist
  /// @throws dev.agentlab.backup.BackupException if the file cannot be written, or exists; with a
  ///   message for the operator
  /// @throws dev.agentlab.database.DatabaseException if the database is unavailable or empty, with
  ///   a message for the operator
  /// @throws IOException if there is no embedded database, or its server cannot be stopped, with a
  ///   message for the operator
  public static PostgresBackup.Result backUp(Config config, Path file)
      throws IOException, InterruptedException {
    return DatabaseMaintenance.read(config, migrator -> PostgresBackup.write(migrator, file));
  }

  /// Restores a backup into an empty external database, or creates the embedded one from it; then
  /// migrates the schema and verifies the audit trail. If it fails, there is no database, or the
  /// external one stays empty or complete.
  ///
  /// @throws dev.agentlab.backup.BackupException if the file is no complete backup, was modified,
  ///   or is of a newer program; with a message for the operator
  /// @throws dev.agentlab.vault.VaultException if a key-encryption key of the backup is not
  ///   available, with a message for the operator
  /// @throws dev.agentlab.database.DatabaseException if the database is unavailable or not empty,
  ///   with a message for the operator
  /// @throws IOException if there is an embedded database, the data folder belongs to another user
  ///   and this process runs as root, or its server cannot be stopped; with a message for the
  ///   operator
  public static RestoreResult restore(Config config, Path file)
      throws IOException, InterruptedException {
    DatabaseSettings settings = ComponentSettings.database(config);
    KeyEncryptionKeySource keys = ComponentSettings.keyEncryptionKeys(config);
    requireNoDatabase(settings);
    try (PostgresRestore backup = PostgresRestore.open(file, keys)) {
      return switch (settings.server()) {
        case DatabaseSettings.External(Dsn dsn) -> restore(config, backup, dsn);
        case DatabaseSettings.Embedded(Path dataDir, _) -> {
          EmbeddedPostgres server =
              EmbeddedPostgresLauncher.startDraft(dataDir, settings.pool().maxOpen());
          try {
            RestoreResult result = restore(config, backup, Dsn.of(server.access()));
            server.publish(STOP_TIMEOUT);
            yield result;
          } finally {
            server.stop(STOP_TIMEOUT);
          }
        }
      };
    }
  }

  private static void requireNoDatabase(DatabaseSettings settings) throws IOException {
    switch (settings.server()) {
      case DatabaseSettings.External(Dsn dsn) -> PostgresRestore.requireEmpty(new Migrator(dsn));
      case DatabaseSettings.Embedded(Path dataDir, _) -> {
        FileOwner.requireNotOfOtherUser(dataDir);
        if (EmbeddedPostgres.exists(dataDir)) {
          throw new IOException(
              "there is an embedded database in %s (SERVICE_DATA_DIR); set another folder, or move its folder postgres away"
                  .formatted(dataDir.toAbsolutePath()));
        }
      }
    }
  }

  private static RestoreResult restore(Config config, PostgresRestore backup, Dsn dsn)
      throws IOException, InterruptedException {
    Migrator migrator = new Migrator(dsn);
    backup.restoreInto(migrator);
    DatabaseSettings settings =
        new DatabaseSettings(
            new DatabaseSettings.External(dsn), ComponentSettings.database(config).pool());
    Database database = new Database(settings, new SimpleMeterRegistry());
    // Also migrates the schema.
    database.start();
    try {
      return new RestoreResult(
          backup.manifest(),
          database.state().schemaVersion(),
          backup.manifest().keyEncryptionKeys().isEmpty()
              ? Optional.empty()
              : Optional.of(verifyAudit(config, database)));
    } finally {
      database.stop(STOP_TIMEOUT);
    }
  }

  private static VerificationReport verifyAudit(Config config, Database database)
      throws InterruptedException {
    Vault vault =
        new Vault(
            ComponentSettings.keyEncryptionKeys(config),
            database,
            config.get(Settings.SERVER_PORT));
    vault.start();
    KeyedHash auditKey = RuntimeComponents.auditKey(vault);
    // Not started: rows that are not chained are chained by the service, at its start.
    AuditChainWorker chainWorker = new AuditChainWorker(database, auditKey);
    return new AuditReader(database, auditKey, ComponentSettings.pageLimits(config), chainWorker)
        .verify(Optional.empty(), () -> true);
  }
}
