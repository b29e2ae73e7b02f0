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

/// Embedded servers for tests: their programs are unpacked once per checkout.
public final class TestServers {
  private static final Path RUNTIMES = Path.of("target", "postgres").toAbsolutePath();

  private TestServers() {}

  /// A server as the product runs it.
  public static EmbeddedPostgres server(Path dataDir) throws IOException {
    return server(dataDir, Map.of());
  }

  /// A server as the product runs it, on a port that stays the same from start to start.
  public static EmbeddedPostgres server(Path dataDir, int port) throws IOException {
    return server(dataDir, Map.of("port", Integer.toString(port)));
  }

  /// A server that is quick because a loss of power may ruin it.
  public static EmbeddedPostgres quick(Path dataDir) throws IOException {
    return server(
        dataDir,
        Map.of(
            "fsync", "off",
            "synchronous_commit", "off",
            "full_page_writes", "off",
            "max_connections", "200"));
  }

  /// Spares a service that is about to use a data folder the unpacking of its programs.
  public static void lendPrograms(Path dataDir) throws IOException {
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

  /// The first process of the server on a data folder.
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

  /// Runs a program to its end; says whether it ended with 0.
  public static boolean run(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command).inheritIO().start().waitFor() == 0;
  }

  static Path data(Path dataDir) {
    return dataDir.resolve("postgres/cluster/data");
  }

  /// Deletes a folder and all in it.
  public static void delete(Path folder) throws IOException {
    FolderOperations.delete(folder);
  }

  private static EmbeddedPostgres server(Path dataDir, Map<String, String> overrides)
      throws IOException {
    Files.createDirectories(RUNTIMES);
    return new EmbeddedPostgres(dataDir, 10, Optional.of(RUNTIMES), overrides);
  }
}
