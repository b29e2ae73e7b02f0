package dev.agentlab.server;

import dev.agentlab.audit.AuditChainWorker;
import dev.agentlab.audit.AuditTrail;
import dev.agentlab.config.Config;
import dev.agentlab.config.Settings;
import dev.agentlab.database.ChangeFeed;
import dev.agentlab.database.Database;
import dev.agentlab.database.DatabaseSettings;
import dev.agentlab.database.Dsn;
import dev.agentlab.database.EmbeddedPostgresLauncher;
import dev.agentlab.database.Migrator;
import dev.agentlab.keys.AdminKeyFileException;
import dev.agentlab.keys.KeyHashes;
import dev.agentlab.keys.PostgresAdminKey;
import dev.agentlab.postgres.EmbeddedPostgres;
import dev.agentlab.postgres.FileOwner;
import dev.agentlab.secrets.KeyedHash;
import dev.agentlab.vault.Vault;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Offline maintenance of the service's database. Requires only the configuration, no API key.
/// Replicas on an external database can keep running. A service with an embedded PostgreSQL must be
/// stopped, because only one process at a time can use it.
public final class DatabaseMaintenance {
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(30);

  private DatabaseMaintenance() {}

  /// An operation on the database schema.
  @FunctionalInterface
  public interface SchemaTask<T> {
    T run(Migrator migrator) throws InterruptedException;
  }

  /// Reads the migration state of the schema, also while the service runs.
  ///
  /// @throws dev.agentlab.database.DatabaseException as for [#migrate]
  /// @throws IOException as for [#migrate]
  public static Migrator.State schemaState(Config config) throws IOException, InterruptedException {
    return read(config, Migrator::state);
  }

  /// Runs an operation that only reads, as [#migrate] does, but also while the service runs on its
  /// embedded PostgreSQL.
  static <T> T read(Config config, SchemaTask<T> task) throws IOException, InterruptedException {
    if (ComponentSettings.database(config).server()
        instanceof DatabaseSettings.Embedded(Path dataDir, _)) {
      Optional<Dsn> running = EmbeddedPostgresLauncher.findRunning(dataDir);
      if (running.isPresent()) {
        return task.run(new Migrator(running.get()));
      }
    }
    return migrate(config, task);
  }

  /// Runs an operation on the schema, and starts the embedded PostgreSQL for it if necessary.
  ///
  /// @throws dev.agentlab.database.DatabaseException if the database is unavailable, with a message
  ///   for the operator
  /// @throws IOException if there is no embedded database, or its server cannot be stopped, with a
  ///   message for the operator
  public static <T> T migrate(Config config, SchemaTask<T> task)
      throws IOException, InterruptedException {
    DatabaseSettings settings = ComponentSettings.database(config);
    return switch (settings.server()) {
      case DatabaseSettings.External(Dsn dsn) -> task.run(new Migrator(dsn));
      case DatabaseSettings.Embedded embedded -> {
        requireDatabase(embedded.dataDir());
        EmbeddedPostgres server =
            EmbeddedPostgresLauncher.start(embedded, settings.pool().maxOpen());
        try {
          yield task.run(new Migrator(Dsn.of(server.access())));
        } finally {
          server.stop(STOP_TIMEOUT);
        }
      }
    };
  }

  /// Takes over a database of the Go original in one transaction: applies all migrations, and
  /// encrypts the secrets of its providers and agents.
  ///
  /// @return the migrations applied; none if the database was taken over before
  /// @throws dev.agentlab.database.DatabaseException as for [Migrator#takeOver]
  /// @throws dev.agentlab.vault.VaultException if the key-encryption key is not available, with a
  ///   message for the operator
  public static List<Migrator.Step> takeOver(Config config, Migrator migrator)
      throws InterruptedException {
    return PostgresTakeOver.run(ComponentSettings.keyEncryptionKeys(config), migrator);
  }

  /// A readable name of the database: `localhost:5432/agent_lab`, or the directory of the embedded
  /// one.
  public static String databaseName(Config config) {
    return switch (ComponentSettings.database(config).server()) {
      case DatabaseSettings.External(Dsn dsn) -> dsn.address();
      case DatabaseSettings.Embedded(Path dataDir, _) -> "embedded in " + dataDir;
    };
  }

  /// Only `serve` creates an embedded database. A missing one here means that the configuration
  /// points to the wrong database or directory.
  private static void requireDatabase(Path dataDir) throws IOException {
    if (!EmbeddedPostgres.exists(dataDir)) {
      throw new IOException(
          "there is no embedded database in %s (SERVICE_DATA_DIR); `agent-lab serve` creates one, and"
                  .formatted(dataDir.toAbsolutePath())
              + " DATABASE_DSN or DATABASE_HOST selects an external one");
    }
  }

  /// The path of the admin key file, which exists if this replica created the key.
  public static Path adminKeyFile(Config config) {
    return config.get(Settings.DATA_DIR).resolve(PostgresAdminKey.FILE_NAME);
  }

  /// Creates a new admin key and revokes the former ones. Running replicas are notified.
  ///
  /// @return the path of the key file
  /// @throws dev.agentlab.database.DatabaseException if the database is unavailable, with a message
  ///   for the operator
  /// @throws dev.agentlab.vault.VaultException if a key-encryption key is not available, with a
  ///   message for the operator
  /// @throws IOException if the file cannot be written, or the data folder belongs to another user
  ///   and this process runs as root, with a message for the operator; then nothing has changed
  public static Path resetAdminKey(Config config) throws IOException, InterruptedException {
    FileOwner.requireNotOfOtherUser(config.get(Settings.DATA_DIR));
    DatabaseSettings settings = ComponentSettings.database(config);
    if (settings.server() instanceof DatabaseSettings.Embedded(Path dataDir, _)) {
      requireDatabase(dataDir);
    }
    Database database = new Database(settings, new SimpleMeterRegistry());
    Vault vault =
        new Vault(
            ComponentSettings.keyEncryptionKeys(config),
            database,
            config.get(Settings.SERVER_PORT));
    KeyedHash auditKey = RuntimeComponents.auditKey(vault);
    // Not started: the service appends the recorded events to the chain, at its next start at the
    // latest.
    AuditChainWorker chainWorker = new AuditChainWorker(database, auditKey);
    database.start();
    try {
      vault.start();
      return new PostgresAdminKey(
              database,
              new ChangeFeed(database),
              Features.SCOPES,
              KeyHashes.of(vault),
              AuditTrail.of(auditKey, chainWorker),
              config.get(Settings.DATA_DIR))
          .reset();
    } catch (AdminKeyFileException e) {
      throw new IOException(e.getMessage(), e);
    } finally {
      database.stop(STOP_TIMEOUT);
    }
  }
}
