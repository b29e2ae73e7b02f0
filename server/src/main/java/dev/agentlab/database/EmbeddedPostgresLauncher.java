package dev.agentlab.database;

import dev.agentlab.postgres.EmbeddedPostgres;
import dev.agentlab.postgres.UpgradeException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// Starts and finds the embedded PostgreSQL of the service, which is in its data folder.
public final class EmbeddedPostgresLauncher {
  private static final String DATABASE = "agent_lab";

  private interface Start {
    void start(EmbeddedPostgres server) throws IOException, InterruptedException;
  }

  private EmbeddedPostgresLauncher() {}

  /// Starts the server, and upgrades a database of an older major version of PostgreSQL.
  ///
  /// @param maxPoolSize the maximum number of connections of the service's pool
  /// @throws DatabaseException if it cannot start, with a message for the operator
  public static EmbeddedPostgres start(DatabaseSettings.Embedded settings, int maxPoolSize)
      throws InterruptedException {
    return start(settings.dataDir(), maxPoolSize, server -> server.start(settings.upgrade()));
  }

  /// Starts the server on a new database, as [EmbeddedPostgres#startDraft] does.
  ///
  /// @param maxPoolSize as for [#start]
  /// @throws DatabaseException if there is a database, or the server cannot start, with a message
  ///   for the operator
  public static EmbeddedPostgres startDraft(Path dataDir, int maxPoolSize)
      throws InterruptedException {
    return start(dataDir, maxPoolSize, EmbeddedPostgres::startDraft);
  }

  private static EmbeddedPostgres start(Path dataDir, int maxPoolSize, Start start)
      throws InterruptedException {
    EmbeddedPostgres server = new EmbeddedPostgres(dataDir, DATABASE, maxPoolSize);
    try {
      start.start(server);
      return server;
    } catch (UpgradeException e) {
      throw new DatabaseException(
          e.getMessage()
              + "; the database is unchanged. Start the earlier release on it, write a backup with"
              + " its `agent-lab backup`, move the folder %s away, and run `agent-lab restore` with this release"
                  .formatted(dataDir.toAbsolutePath().resolve("postgres")),
          e);
    } catch (IOException e) {
      throw new DatabaseException(
          e.getMessage()
              + "; data_dir (SERVICE_DATA_DIR) selects the folder, and database.host"
              + " (DATABASE_HOST) an external PostgreSQL",
          e);
    }
  }

  /// Finds the database of a server that another process runs; empty if none runs.
  public static Optional<Dsn> findRunning(Path dataDir) throws IOException {
    return EmbeddedPostgres.findRunning(dataDir, DATABASE).map(Dsn::of);
  }
}
