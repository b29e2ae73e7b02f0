package dev.agentlab.database.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// Embedded servers for tests: their programs are unpacked once per checkout.
public final class TestServers {
  private static final Path RUNTIMES = Path.of("target", "postgres").toAbsolutePath();

  private TestServers() {}

  /// A server with the settings of the product.
  public static EmbeddedPostgres server(Path dataDir) throws IOException {
    return server(dataDir, 10, Map.of());
  }

  /// A server that is quick because a loss of power may ruin it.
  public static EmbeddedPostgres quick(Path dataDir) throws IOException {
    return server(
        dataDir,
        200,
        Map.of("fsync", "off", "synchronous_commit", "off", "full_page_writes", "off"));
  }

  /// Deletes a folder and all in it.
  public static void delete(Path folder) throws IOException {
    Folders.delete(folder);
  }

  private static EmbeddedPostgres server(
      Path dataDir, int connections, Map<String, String> overrides) throws IOException {
    Files.createDirectories(RUNTIMES);
    return new EmbeddedPostgres(dataDir, connections, Optional.of(RUNTIMES), overrides);
  }
}
