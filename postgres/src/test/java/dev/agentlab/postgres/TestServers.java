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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// Embedded servers for tests, which share programs unpacked once per checkout.
public final class TestServers {
  /// The name of the database and its owner.
  public static final String NAME = "agent_lab";

  private static final Path RUNTIMES = Path.of("target", "postgres").toAbsolutePath();

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
    Path programs = createTemplate();
    Path template = clusterOf(programs);
    Path folder = Files.createDirectories(dataDir.resolve("postgres"));
    for (Path path : tree(programs)) {
      Path link = folder.resolve(RUNTIMES.relativize(path));
      if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
        linkOrCopy(path, link);
      } else {
        copy(path, link);
      }
    }
    Path cluster = folder.resolve("cluster");
    for (Path path : tree(template)) {
      copy(path, cluster.resolve(template.relativize(path)));
    }
  }

  /// Unpacks the programs and creates a cluster, unless they exist; one process of the tests at a
  /// time.
  ///
  /// @return the folder of the programs
  private static Path createTemplate() throws IOException, InterruptedException {
    Files.createDirectories(RUNTIMES);
    try (FileChannel file =
            FileChannel.open(
                RUNTIMES.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock _ = file.lock()) {
      PostgresPrograms programs = PostgresBinaries.unpackInto(RUNTIMES);
      new PostgresCluster(clusterOf(programs.home())).createIfMissing(programs, NAME);
      return programs.home();
    }
  }

  private static Path clusterOf(Path programs) {
    return RUNTIMES.resolve("cluster-of-" + programs.getFileName());
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
