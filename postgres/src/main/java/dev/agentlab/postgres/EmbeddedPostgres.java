package dev.agentlab.postgres;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A PostgreSQL server that runs as a child process and stores all its files in the data folder. It
/// is reachable from this machine only and requires a generated password. It is restarted whenever
/// it exits while started.
///
/// The data folder contains `lock`, `postgres/runtime-…` with the unpacked programs,
/// `postgres/cluster` with the data and the passwords, `postgres/cluster-…` with those of an older
/// major version after an upgrade, and `postgres/new-…` while one of these is incomplete.
///
/// Not thread-safe.
public final class EmbeddedPostgres {
  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedPostgres.class);

  private final Path dataDir;
  private final String name;
  private final ServerSettings settings;
  private final Optional<Path> programsFolder;
  private @Nullable Started started;

  private record Started(DataFolderLock lock, ClusterServer server, Access access) {
    PostgresCluster cluster() {
      return server.cluster();
    }

    boolean isDraft() {
      return FolderOperations.isDraft(cluster().home());
    }
  }

  private interface ClusterCreation {
    PostgresCluster create(PostgresPrograms programs, Path folder)
        throws IOException, InterruptedException;
  }

  /// Copies the database of the program to another server.
  @FunctionalInterface
  public interface DatabaseCopy {
    /// Copies all data and verifies the copy.
    ///
    /// @param source a server of an older major version, on which transactions are read-only
    /// @param target a server with an empty database
    /// @throws IOException if the database cannot be copied, with a message for the operator
    void copy(Access source, Access target) throws IOException, InterruptedException;
  }

  /// How to connect to a server on 127.0.0.1.
  ///
  /// @param name the database, and the role that owns it and is not a superuser
  /// @param password the password of the role
  public record Access(int port, String name, String password) {
    /// The JDBC URL, without role and password.
    public String url() {
      return "jdbc:postgresql://127.0.0.1:%d/%s".formatted(port, name);
    }

    /// The address without the password.
    @Override
    public String toString() {
      return "127.0.0.1:%d/%s".formatted(port, name);
    }
  }

  /// Creates a server that is not started.
  ///
  /// @param dataDir created if it does not exist, accessible to its owner only
  /// @param name of the database and of the role that owns it: lower-case letters, digits and `_`,
  ///   at most 63 characters, and not `postgres`
  /// @param maxConnections the maximum number of connections of the program
  public EmbeddedPostgres(Path dataDir, String name, int maxConnections) {
    this(dataDir, name, maxConnections, Optional.empty(), Map.of());
  }

  /// Creates a server with other settings.
  ///
  /// @param programsFolder the folder in which programs are unpacked, if not in the data folder
  /// @param overrides server settings, which take precedence over all others
  EmbeddedPostgres(
      Path dataDir,
      String name,
      int maxConnections,
      Optional<Path> programsFolder,
      Map<String, String> overrides) {
    this.dataDir = dataDir;
    this.name = PostgresCluster.requireValidName(name);
    this.settings = new ServerSettings(maxConnections, overrides);
    this.programsFolder = programsFolder;
  }

  /// Starts the server. The first start unpacks the programs and creates the database. Processes
  /// that a killed program left running on the same data are terminated first.
  ///
  /// @throws IOException if the data folder or the machine is unusable, the folder belongs to
  ///   another user and this process runs as root, or the database is one of another major version;
  ///   with a message for the operator
  public void start() throws IOException, InterruptedException {
    start(Optional.empty());
  }

  /// Starts the server, after upgrading a database of an older major version: it is copied to a new
  /// one, which then takes its place. The old one is kept in `postgres/cluster-…`, with its major
  /// version in the name. Requires the programs of that version, in an archive beside the one of
  /// the present version. A process that is killed meanwhile leaves the old database as it was.
  ///
  /// @throws UpgradeException if the database cannot be upgraded; it is unchanged
  /// @throws IOException as for [#start()], if the database is one of a newer major version, or the
  ///   folder in which the old one would be kept exists
  public void start(DatabaseCopy copy) throws IOException, InterruptedException {
    start(Optional.of(copy));
  }

  private void start(Optional<DatabaseCopy> copy) throws IOException, InterruptedException {
    startOn((programs, folder) -> {
      PostgresCluster cluster = published(folder);
      new ClusterUpgrade(cluster, programs, programsFolder.orElse(folder), name, settings, copy)
          .runIfOlder();
      cluster.createIfMissing(programs, name);
      return cluster;
    });
  }

  /// Starts the server on a new database, which is that of the data folder only from [#publish] on.
  /// [#stop] deletes it, and so does the next start if this process is killed.
  ///
  /// @throws IOException if the data folder has a database, or as for [#start]
  public void startDraft() throws IOException, InterruptedException {
    startOn((programs, folder) -> {
      if (Files.exists(published(folder).home())) {
        throw new IOException("there is a database in it");
      }
      return PostgresCluster.createDraft(programs, folder, name);
    });
  }

  private void startOn(ClusterCreation creation) throws IOException, InterruptedException {
    FileOwner.requireNotOfOtherUser(dataDir);
    try {
      Files.createDirectories(
          dataDir, PosixFilePermissions.asFileAttribute(FolderOperations.OWNER_ONLY));
      DataFolderLock lock = DataFolderLock.acquire(dataDir);
      try {
        started = start(lock, dataDir.toRealPath().resolve("postgres"), creation);
      } catch (IOException | InterruptedException | RuntimeException e) {
        lock.close();
        throw e;
      }
    } catch (IOException e) {
      String message =
          "the embedded PostgreSQL cannot start in %s: %s"
              .formatted(dataDir.toAbsolutePath(), describe(e));
      throw e instanceof UpgradeException
          ? new UpgradeException(message, e)
          : new IOException(message, e);
    }
  }

  /// The address and password of this server, constant until it is stopped.
  public Access access() {
    return requireStarted().access();
  }

  /// Finds the server that another process runs on a data folder; empty if none runs.
  ///
  /// @param name of the database, as in the constructor
  public static Optional<Access> findRunning(Path dataDir, String name) throws IOException {
    PostgresCluster cluster = cluster(dataDir);
    Optional<PostmasterPid> server =
        PostmasterPid.read(cluster.data()).filter(it -> it.isReady() && it.isAlive());
    return server.isEmpty()
        ? Optional.empty()
        : Optional.of(new Access(server.get().port(), name, cluster.password(name)));
  }

  /// Whether a data folder contains a database.
  public static boolean exists(Path dataDir) throws IOException {
    PostgresCluster cluster = cluster(dataDir);
    return Files.exists(cluster.home()) || cluster.unfinishedUpgrade().isPresent();
  }

  private static PostgresCluster cluster(Path dataDir) {
    return published(dataDir.resolve("postgres"));
  }

  /// The cluster of the data folder.
  ///
  /// @param folder the folder with clusters and programs
  private static PostgresCluster published(Path folder) {
    return new PostgresCluster(folder.resolve("cluster"));
  }

  /// Stops the server. Does nothing if it is not started.
  ///
  /// @param timeout the time for an orderly shutdown; no data is lost if it is too short
  public void stop(Duration timeout) throws IOException, InterruptedException {
    Started last = started;
    if (last != null) {
      started = null;
      try (DataFolderLock _ = last.lock()) {
        last.server().stop(timeout);
        if (last.isDraft()) {
          FolderOperations.deleteQuietly(last.cluster().home());
        }
      }
    }
  }

  /// Stops a server that was started with [#startDraft], and makes its database that of the data
  /// folder, atomically and durably.
  ///
  /// @param timeout as for [#stop]
  public void publish(Duration timeout) throws IOException, InterruptedException {
    Started last = requireStarted();
    if (!last.isDraft()) {
      throw new IllegalStateException("the database is that of the data folder already");
    }
    started = null;
    try (DataFolderLock _ = last.lock()) {
      last.server().stop(timeout);
      last.cluster().moveTo(published(FolderOperations.parent(last.cluster().home())));
    }
  }

  private Started start(DataFolderLock lock, Path folder, ClusterCreation creation)
      throws IOException, InterruptedException {
    FolderOperations.createPrivate(folder);
    for (Path draft : FolderOperations.drafts(folder)) {
      OrphanedProcesses.kill(new PostgresCluster(draft).data());
      FolderOperations.deleteQuietly(draft);
    }
    ClusterUpgrade.undoUnfinished(published(folder));
    PostgresPrograms programs = PostgresBinaries.unpackInto(programsFolder.orElse(folder));
    PostgresCluster cluster = creation.create(programs, folder);
    // Only now, because an upgrade runs older programs.
    PostgresBinaries.deleteOtherBuilds(programs);
    try {
      ClusterServer server = ClusterServer.start(programs, cluster, settings);
      LOG.info("embedded PostgreSQL started on 127.0.0.1:{}", server.port());
      return new Started(lock, server, server.access(name));
    } catch (IOException | InterruptedException e) {
      if (FolderOperations.isDraft(cluster.home())) {
        FolderOperations.deleteQuietly(cluster.home());
      }
      throw e;
    }
  }

  /// Describes a failure to the operator.
  static String describe(IOException failure) {
    return switch (failure) {
      case FileAlreadyExistsException e -> e.getFile() + " is not a folder";
      case NotDirectoryException e -> e.getFile() + " is not a folder";
      case AccessDeniedException e ->
          "user %s may not write to %s".formatted(System.getProperty("user.name"), e.getFile());
      case NoSuchFileException e -> e.getFile() + " does not exist and cannot be created";
      default -> String.valueOf(failure.getMessage());
    };
  }

  private Started requireStarted() {
    Started current = started;
    if (current == null) {
      throw new IllegalStateException("the embedded PostgreSQL is not started");
    }
    return current;
  }
}
