package dev.agentlab.postgres;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A PostgreSQL server that runs as a child process and stores all its files in the data folder. It
/// is reachable from this machine only and requires a generated password. It is restarted whenever
/// it exits while started.
///
/// The data folder contains `lock`, `postgres/runtime-…` with the unpacked programs,
/// `postgres/cluster` with the data and the passwords, and `postgres/new-…` while one of these is
/// incomplete.
///
/// Not thread-safe.
public final class EmbeddedPostgres {
  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedPostgres.class);

  /// Connections in addition to those of the program, for a `psql` session or a dump.
  private static final int RESERVED_CONNECTIONS = 10;

  private final Path dataDir;
  private final String name;
  private final int maxConnections;
  private final Optional<Path> programsFolder;
  private final Map<String, String> overrides;
  private @Nullable Started started;

  private record Started(
      DataFolderLock lock,
      ServerSupervisor supervisor,
      PostgresCluster cluster,
      int port,
      String password) {
    boolean isDraft() {
      return FolderOperations.isDraft(cluster.home());
    }
  }

  private interface ClusterCreation {
    PostgresCluster create(PostgresPrograms programs, Path folder)
        throws IOException, InterruptedException;
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
    this.maxConnections = maxConnections;
    this.programsFolder = programsFolder;
    this.overrides = Map.copyOf(overrides);
  }

  /// Starts the server. The first start unpacks the programs and creates the database. Processes
  /// that a killed program left running on the same data are terminated first.
  ///
  /// @throws IOException if the data folder or the machine is unusable, with a message for the
  ///   operator
  public void start() throws IOException, InterruptedException {
    start((programs, folder) -> {
      PostgresCluster cluster = published(folder);
      cluster.createIfMissing(programs, name);
      return cluster;
    });
  }

  /// Starts the server on a new database, which is that of the data folder only from [#publish] on.
  /// [#stop] deletes it, and so does the next start if this process is killed.
  ///
  /// @throws IOException if the data folder has a database, or as for [#start]
  public void startDraft() throws IOException, InterruptedException {
    start((programs, folder) -> {
      if (Files.exists(published(folder).home())) {
        throw new IOException("there is a database in it");
      }
      return PostgresCluster.createDraft(programs, folder, name);
    });
  }

  private void start(ClusterCreation creation) throws IOException, InterruptedException {
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
      throw new IOException(
          "the embedded PostgreSQL cannot start in %s: %s"
              .formatted(dataDir.toAbsolutePath(), describe(e)),
          e);
    }
  }

  /// The address and password of this server, constant until it is stopped.
  public Access access() {
    return new Access(requireStarted().port(), name, requireStarted().password());
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
  public static boolean exists(Path dataDir) {
    return Files.exists(cluster(dataDir).home());
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
        last.supervisor().stop(timeout);
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
      last.supervisor().stop(timeout);
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
    PostgresPrograms programs = PostgresBinaries.unpackInto(programsFolder.orElse(folder));
    PostgresBinaries.deleteOtherBuilds(programs);
    PostgresCluster cluster = creation.create(programs, folder);
    try {
      return start(lock, programs, cluster);
    } catch (IOException | InterruptedException e) {
      if (FolderOperations.isDraft(cluster.home())) {
        FolderOperations.deleteQuietly(cluster.home());
      }
      throw e;
    }
  }

  private Started start(DataFolderLock lock, PostgresPrograms programs, PostgresCluster cluster)
      throws IOException, InterruptedException {
    String password = cluster.password(name);
    int port = findFreePort();
    ServerSupervisor supervisor = new ServerSupervisor(programs, cluster.data(), settings(port));
    supervisor.start();
    LOG.info("embedded PostgreSQL started on 127.0.0.1:{}", port);
    return new Started(lock, supervisor, cluster, port, password);
  }

  private Map<String, String> settings(int port) {
    Map<String, String> settings = new HashMap<>();
    settings.put("listen_addresses", "127.0.0.1");
    settings.put("port", Integer.toString(port));
    settings.put("unix_socket_directories", "");
    settings.put("max_connections", Integer.toString(maxConnections + RESERVED_CONNECTIONS));
    // An acknowledged write survives a power loss.
    settings.put("fsync", "on");
    settings.put("full_page_writes", "on");
    settings.put("synchronous_commit", "on");
    // Small, because this server shares the machine with the program.
    settings.put("shared_buffers", "64MB");
    settings.put("max_wal_size", "256MB");
    settings.put("io_method", "sync");
    settings.put("jit", "off");
    // Parallel workers need shared memory that containers limit to 64 MB.
    settings.put("max_parallel_workers_per_gather", "0");
    // Refreshes the statistics soon after a bulk insert.
    settings.put("autovacuum_naptime", "10s");
    settings.put("timezone", "UTC");
    settings.put("log_timezone", "UTC");
    settings.put("log_line_prefix", "");
    settings.put("log_checkpoints", "off");
    // Errors of statements are reported to the client.
    settings.put("log_min_messages", "log");
    settings.putAll(overrides);
    return settings;
  }

  /// Finds a port below the ephemeral range. With an ephemeral port, a client that connects while
  /// the server is down could be assigned that port as its source port and connect to itself.
  private static int findFreePort() throws IOException {
    InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    for (int attempt = 0; attempt < 100; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(20_000, 32_000);
      try (ServerSocket socket = new ServerSocket()) {
        socket.bind(new InetSocketAddress(loopback, port));
        return port;
      } catch (IOException e) {
        LOG.debug("port {} not available", port, e);
      }
    }
    throw new IOException("no free port between 20000 and 32000 on 127.0.0.1");
  }

  private static String describe(IOException failure) {
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
