package dev.agentlab.postgres;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// Embedded servers for tests, which share programs unpacked once per checkout.
public final class TestServers {
  /// The name of the database and its owner.
  public static final String NAME = "agent_lab";

  /// The older major version whose programs the build adds to the class path of the tests, where
  /// they exist for the machine.
  public static final int OLDER_MAJOR = 17;

  private static final Path RUNTIMES = Path.of("target", "postgres").toAbsolutePath();

  /// Apart, because a server deletes other programs beside its own.
  private static final Path OLDER_RUNTIMES =
      Path.of("target", "postgres-%d".formatted(OLDER_MAJOR)).toAbsolutePath();

  private TestServers() {}

  /// Creates a server with the settings of the product.
  public static EmbeddedPostgres server(Path dataDir) throws IOException {
    return server(dataDir, Map.of());
  }

  /// Creates a server with the settings of the product and a fixed port.
  public static EmbeddedPostgres server(Path dataDir, int port) throws IOException {
    return server(dataDir, Map.of("port", Integer.toString(port)));
  }

  /// Creates a fast server, whose data may be corrupted by a power loss.
  public static EmbeddedPostgres fastServer(Path dataDir) throws IOException {
    return server(
        dataDir,
        Map.of(
            "fsync", "off",
            "synchronous_commit", "off",
            "full_page_writes", "off",
            "max_connections", "200"));
  }

  /// Fills a data folder with the programs and an empty cluster, which the first start of a server
  /// or of a service on it otherwise creates.
  public static void prepare(Path dataDir) throws IOException, InterruptedException {
    Path programs = createTemplate(RUNTIMES, PostgresBinaries::unpackInto);
    linkPrograms(programs, dataDir);
    copyCluster(programs, dataDir);
  }

  /// Whether there are programs of an older major version, which are an artifact of the tests.
  public static boolean hasOlder() {
    String name =
        PostgresBinaries.archiveName(
            OLDER_MAJOR + "-", System.getProperty("os.name"), System.getProperty("os.arch"));
    return TestServers.class.getClassLoader().getResource(name) != null;
  }

  /// Fills a data folder with the programs, those of an older major version, and an empty cluster
  /// of that version.
  public static void prepareOlder(Path dataDir) throws IOException, InterruptedException {
    linkPrograms(createTemplate(RUNTIMES, PostgresBinaries::unpackInto), dataDir);
    Path older =
        createTemplate(OLDER_RUNTIMES, parent -> PostgresBinaries.unpackOlder(parent, OLDER_MAJOR));
    linkPrograms(older, dataDir);
    copyCluster(older, dataDir);
  }

  /// Starts a server of the older major version on the cluster of a data folder.
  public static OlderServer startOlder(Path dataDir) throws IOException, InterruptedException {
    Path folder = dataDir.toRealPath().resolve("postgres");
    return new OlderServer(
        ClusterServer.start(
            PostgresBinaries.unpackOlder(folder, OLDER_MAJOR),
            new PostgresCluster(folder.resolve("cluster")),
            new ServerSettings(20, Map.of())));
  }

  /// A started server of the older major version, which [#close()] stops.
  public record OlderServer(ClusterServer server) implements AutoCloseable {
    /// How to connect.
    public EmbeddedPostgres.Access access() throws IOException {
      return server.access(NAME);
    }

    @Override
    public void close() {
      try {
        server.stop(Duration.ofSeconds(10));
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private interface Unpacking {
    PostgresPrograms unpackInto(Path parent) throws IOException;
  }

  private static void linkPrograms(Path programs, Path dataDir) throws IOException {
    Path folder = Files.createDirectories(dataDir.resolve("postgres"));
    Path runtimes = FolderOperations.parent(programs);
    for (Path path : tree(programs)) {
      Path link = folder.resolve(runtimes.relativize(path));
      if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
        linkOrCopy(path, link);
      } else {
        copy(path, link);
      }
    }
  }

  private static void copyCluster(Path programs, Path dataDir) throws IOException {
    Path template = clusterOf(programs);
    Path cluster = dataDir.resolve("postgres/cluster");
    for (Path path : tree(template)) {
      copy(path, cluster.resolve(template.relativize(path)));
    }
  }

  /// Unpacks the programs and creates a cluster, unless they exist; one process of the tests at a
  /// time.
  ///
  /// @return the folder of the programs
  private static Path createTemplate(Path runtimes, Unpacking unpacking)
      throws IOException, InterruptedException {
    Files.createDirectories(runtimes);
    try (FileChannel file =
            FileChannel.open(
                runtimes.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock _ = file.lock()) {
      PostgresPrograms programs = unpacking.unpackInto(runtimes);
      new PostgresCluster(clusterOf(programs.home())).createIfMissing(programs, NAME);
      return programs.home();
    }
  }

  private static Path clusterOf(Path programs) {
    return programs.resolveSibling("cluster-of-" + programs.getFileName());
  }

  private static List<Path> tree(Path folder) throws IOException {
    try (Stream<Path> tree = Files.walk(folder)) {
      return tree.toList();
    }
  }

  private static void linkOrCopy(Path file, Path link) throws IOException {
    try {
      Files.createLink(link, file);
    } catch (FileSystemException e) {
      // Another file system.
      copy(file, link);
    }
  }

  private static void copy(Path path, Path copy) throws IOException {
    Files.copy(path, copy, StandardCopyOption.COPY_ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
  }

  /// Sends a signal to all processes of the server on a data folder.
  public static void signal(Path dataDir, String signal) throws IOException, InterruptedException {
    for (ProcessHandle process : processes(dataDir)) {
      signal(process, signal);
    }
  }

  /// The postmaster process of the server on a data folder.
  public static ProcessHandle postmaster(Path dataDir) throws IOException {
    long pid = PostmasterPid.read(data(dataDir)).orElseThrow().pid();
    return ProcessHandle.of(pid).orElseThrow();
  }

  static List<ProcessHandle> processes(Path dataDir) throws IOException {
    ProcessHandle first = postmaster(dataDir);
    return Stream.concat(Stream.of(first), first.children()).toList();
  }

  static void signal(ProcessHandle process, String signal)
      throws IOException, InterruptedException {
    run("kill", "-" + signal, Long.toString(process.pid()));
  }

  /// Runs a program and waits for it to exit.
  ///
  /// @return whether the exit code is 0
  public static boolean run(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command).inheritIO().start().waitFor() == 0;
  }

  static Path data(Path dataDir) {
    return dataDir.resolve("postgres/cluster/data");
  }

  /// Deletes a folder and its contents.
  public static void delete(Path folder) throws IOException {
    FolderOperations.delete(folder);
  }

  private static EmbeddedPostgres server(Path dataDir, Map<String, String> overrides)
      throws IOException {
    Files.createDirectories(RUNTIMES);
    return new EmbeddedPostgres(dataDir, NAME, 10, Optional.of(RUNTIMES), overrides);
  }
}
