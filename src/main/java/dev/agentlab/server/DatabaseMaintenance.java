package dev.agentlab.server;

import dev.agentlab.audit.AuditChain;
import dev.agentlab.audit.AuditTrail;
import dev.agentlab.config.Config;
import dev.agentlab.config.Settings;
import dev.agentlab.database.ChangeFeed;
import dev.agentlab.database.Database;
import dev.agentlab.database.DatabaseSettings;
import dev.agentlab.database.Dsn;
import dev.agentlab.database.Migrator;
import dev.agentlab.database.embedded.EmbeddedPostgres;
import dev.agentlab.keys.AdminKey;
import dev.agentlab.keys.AdminKeyFileException;
import dev.agentlab.keys.KeyHashes;
import dev.agentlab.secrets.KeyedHash;
import dev.agentlab.vault.Vault;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// What is done on the service's database itself, without the service: no key is needed, only the
/// configuration. Services on an external database may go on running; one with a PostgreSQL of its
/// own must be stopped, because that serves one at a time.
public final class DatabaseMaintenance {
  private static final Duration STOP_LIMIT = Duration.ofSeconds(30);

  private DatabaseMaintenance() {}

  /// What is done with a schema.
  @FunctionalInterface
  public interface Migrating<T> {
    T run(Migrator migrator) throws InterruptedException;
  }

  /// Asks where the schema stands, also while the service runs.
  ///
  /// @throws dev.agentlab.database.DatabaseException as for [#migrate]
  /// @throws IOException likewise
  public static Migrator.State schema(Config config) throws IOException, InterruptedException {
    if (ComponentSettings.database(config).server()
        instanceof DatabaseSettings.Embedded(Path dataDir)) {
      Optional<EmbeddedPostgres.Access> running = EmbeddedPostgres.findRunning(dataDir);
      if (running.isPresent()) {
        return new Migrator(Dsn.of(running.get())).state();
      }
    }
    return migrate(config, Migrator::state);
  }

  /// Moves the schema.
  ///
  /// @throws dev.agentlab.database.DatabaseException if the database cannot be had, with a message
  ///   for the operator
  /// @throws IOException if the embedded PostgreSQL cannot be started, likewise
  public static <T> T migrate(Config config, Migrating<T> work)
      throws IOException, InterruptedException {
    DatabaseSettings settings = ComponentSettings.database(config);
    return switch (settings.server()) {
      case DatabaseSettings.External(Dsn dsn) -> work.run(new Migrator(dsn));
      case DatabaseSettings.Embedded(Path dataDir) -> {
        requireDatabase(dataDir);
        EmbeddedPostgres server = new EmbeddedPostgres(dataDir, settings.pool().maxOpen());
        server.start();
        try {
          yield work.run(new Migrator(Dsn.of(server.access())));
        } finally {
          server.stop(STOP_LIMIT);
        }
      }
    };
  }

  /// The database for people: `localhost:5432/agent_lab`, or the folder of the embedded one.
  public static String databaseName(Config config) {
    return switch (ComponentSettings.database(config).server()) {
      case DatabaseSettings.External(Dsn dsn) -> dsn.address();
      case DatabaseSettings.Embedded(Path dataDir) -> "embedded in " + dataDir;
    };
  }

  /// `serve` alone makes an embedded database. Here a missing one means that another database is
  /// meant, or another folder.
  private static void requireDatabase(Path dataDir) throws IOException {
    if (!EmbeddedPostgres.exists(dataDir)) {
      throw new IOException(
          "there is no embedded database in %s (SERVICE_DATA_DIR); `agent-lab serve` makes one, and"
                  .formatted(dataDir.toAbsolutePath())
              + " DATABASE_DSN or DATABASE_HOST names an external one");
    }
  }

  /// Where the admin key is, if this replica made it.
  public static Path adminKeyFile(Config config) {
    return config.get(Settings.DATA_DIR).resolve(AdminKey.FILE_NAME);
  }

  /// Makes a new admin key and revokes those made before. Services that run hear of it.
  ///
  /// @return the file
  /// @throws dev.agentlab.database.DatabaseException if the database cannot be had, with a message
  ///   for the operator
  /// @throws dev.agentlab.vault.VaultException if the key of stored secrets is not here, likewise
  /// @throws IOException if the file cannot be written, likewise; then nothing has changed
  public static Path resetAdminKey(Config config) throws IOException, InterruptedException {
    DatabaseSettings settings = ComponentSettings.database(config);
    if (settings.server() instanceof DatabaseSettings.Embedded(Path dataDir)) {
      requireDatabase(dataDir);
    }
    Database database = new Database(settings, new SimpleMeterRegistry());
    Vault vault =
        new Vault(ComponentSettings.keys(config), database, config.get(Settings.SERVER_PORT));
    KeyedHash auditKey = RuntimeSystems.auditKey(vault);
    // Not started: a service chains what is recorded, when it starts at the latest.
    AuditChain chain = new AuditChain(database, auditKey);
    database.start();
    try {
      vault.start();
      return AdminKey.of(
              database,
              new ChangeFeed(database),
              KeyHashes.of(vault),
              AuditTrail.of(auditKey, chain),
              config.get(Settings.DATA_DIR))
          .reset();
    } catch (AdminKeyFileException e) {
      throw new IOException(e.getMessage(), e);
    } finally {
      database.stop(STOP_LIMIT);
    }
  }
}
