package dev.agentlab.server;

import dev.agentlab.audit.AuditTrail;
import dev.agentlab.config.Config;
import dev.agentlab.database.Changes;
import dev.agentlab.database.Database;
import dev.agentlab.keys.AdminKey;
import dev.agentlab.keys.KeyFileException;
import dev.agentlab.vault.Vault;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/// The file of the admin key, for those who have the configuration.
public final class AdminKeyFile {
  private static final Duration STOP_LIMIT = Duration.ofSeconds(10);

  private AdminKeyFile() {}

  /// Where it is, if this replica made the key.
  public static Path of(Config config) {
    return config.dataDir().resolve(AdminKey.FILE);
  }

  /// Makes a new admin key and revokes those made before, on the database itself: no key is needed,
  /// only the configuration. Services on an external database may go on running, and hear of it;
  /// one with a PostgreSQL of its own must be stopped, because that serves one at a time.
  ///
  /// @return the file
  /// @throws dev.agentlab.database.DatabaseException if the database cannot be had, with a message
  ///   for the operator
  /// @throws dev.agentlab.vault.VaultException if the key of stored secrets is not here, likewise
  /// @throws IOException if the file cannot be written, likewise; then nothing has changed
  public static Path reset(Config config) throws IOException, InterruptedException {
    Database database = new Database(Settings.database(config), new SimpleMeterRegistry());
    Vault vault = new Vault(Settings.keys(config), database);
    database.start();
    try {
      vault.start();
      return AdminKey.in(
              database,
              new Changes(database),
              DomainSystems.keyHash(vault),
              AuditTrail.under(RuntimeSystems.auditKey(vault)),
              config.dataDir())
          .reset();
    } catch (KeyFileException e) {
      throw new IOException(e.getMessage(), e);
    } finally {
      database.stop(STOP_LIMIT);
    }
  }
}
