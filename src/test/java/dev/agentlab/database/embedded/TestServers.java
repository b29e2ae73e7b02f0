package dev.agentlab.database.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// Embedded servers for tests, which share programs unpacked once per checkout.
public final class TestServers {
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

  /// Copies the unpacked programs to a data folder, so that a service need not unpack them.
  public static void copyPrograms(Path dataDir) throws IOException {
    Files.createDirectories(RUNTIMES);
    Path programs = PostgresBinaries.unpackInto(RUNTIMES).home();
    Path copy = Files.createDirectories(dataDir.resolve("postgres"));
    try (Stream<Path> tree = Files.walk(programs)) {
      for (Path path : (Iterable<Path>) tree::iterator) {
        Files.copy(
            path,
            copy.resolve(RUNTIMES.relativize(path)),
            StandardCopyOption.COPY_ATTRIBUTES,
            LinkOption.NOFOLLOW_LINKS);
      }
    }
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
    return new EmbeddedPostgres(dataDir, 10, Optional.of(RUNTIMES), overrides);
  }
}
