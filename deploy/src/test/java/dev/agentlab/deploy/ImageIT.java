package dev.agentlab.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.postgres.EmbeddedPostgres;
import dev.agentlab.server.TestClient;
import dev.agentlab.testing.Await;
import dev.agentlab.testing.LockedTools;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The image in a container, with a database beside it.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ImageIT {
  private static final String USER = "65532";

  /// The health check of `compose.yaml`.
  private static final List<String> HEALTH =
      List.of(
          "/opt/agent-lab/runtime/bin/java",
          "@/opt/agent-lab/lib/commands.options",
          "@/opt/agent-lab/lib/common.options",
          "-XX:AOTCache=/opt/agent-lab/lib/service.aot",
          "-jar",
          "/opt/agent-lab/agent-lab.jar",
          "health");

  private Path folder;
  private Image image;
  private Optional<EmbeddedPostgres> database = Optional.empty();

  @BeforeAll
  void build(@TempDir Path temporary) throws Exception {
    folder = temporary.toRealPath();
    image = Image.build(folder);
    EmbeddedPostgres server = new EmbeddedPostgres(folder.resolve("postgres"), "agent_lab", 40);
    server.start();
    database = Optional.of(server);
  }

  @AfterAll
  void stop() throws Exception {
    if (database.isPresent()) {
      database.get().stop(Duration.ofSeconds(30));
    }
  }

  @Test
  void containerServesAsAPlainUserAndEndsOnSigterm() throws Exception {
    Path bundle = image.unpack();
    Path mounted = Files.createDirectory(folder.resolve("mounted"));
    own(Files.createDirectory(mounted.resolve("data")));
    secrets(Files.createDirectory(mounted.resolve("secrets")));
    int port = freePort();

    try (Container container = Container.start(bundle, mounted, environment(port))) {
      TestClient client = TestClient.of(URI.create("http://127.0.0.1:" + port));
      awaitReady(container, client);

      assertThat(status(container.pid()))
          .containsEntry("Uid", Stream.of(USER, USER, USER, USER).toList())
          .containsEntry("CapEff", List.of("0000000000000000"))
          .containsEntry("CapBnd", List.of("0000000000000000"))
          .containsEntry("NoNewPrivs", List.of("1"));
      assertThat(container.exec(HEALTH)).isZero();
      String key = Files.readString(mounted.resolve("data/admin.key")).strip();
      TestClient.Answer created =
          client
              .as(key)
              .post("/api/providers", "{\"name\": \"try\", \"config\": {\"name\": \"simulated\"}}");
      assertThat(created.status()).as(created.text()).isEqualTo(201);
      assertThat(client.as(key).get("/api/about").json().at("/database/mode").asString())
          .isEqualTo("external");

      assertThat(container.stop()).isZero();
      assertThat(container.log())
          .contains("server stopped gracefully")
          .doesNotContain("AOT", "warning", "secret-of-the-database");
    }
  }

  @Test
  void composeFileHasTheSameHealthCheck() throws IOException {
    assertThat(Files.readString(Path.of("compose/compose.yaml")).replace("\"", ""))
        .containsSubsequence(HEALTH);
  }

  @Test
  void imageHasNoShellAndNoEmbeddedServer() throws Exception {
    Path files = image.folder().resolve("bundle-for-reading");
    String _ =
        LockedTools.run(
            folder,
            Map.of(),
            List.of("umoci", "unpack", "--image", image.export() + ":latest", files.toString()));
    try (Stream<Path> all = Files.walk(files.resolve("rootfs"))) {
      assertThat(all.map(it -> it.getFileName().toString()))
          .doesNotContain("sh", "bash", "curl", "postgres");
    }
  }

  private Map<String, String> environment(int port) {
    EmbeddedPostgres.Access access = database.orElseThrow().access();
    Map<String, String> environment = new TreeMap<>();
    environment.put("SERVER_PORT", Integer.toString(port));
    environment.put("AGENT_LAB_URL", "http://127.0.0.1:" + port);
    environment.put("DATABASE_HOST", "127.0.0.1");
    environment.put("DATABASE_PORT", Integer.toString(access.port()));
    environment.put("DATABASE_PASSWORD_FILE", "/run/secrets/database-password");
    environment.put("SECRETS_KEY_FILE", "/run/secrets/key");
    return environment;
  }

  private void secrets(Path secrets) throws IOException {
    Files.writeString(
        secrets.resolve("database-password"), database.orElseThrow().access().password() + "\n");
    Files.writeString(secrets.resolve("key"), "b25lIGtleSBvZiB0aGlydHktdHdvIGJ5dGVzIGhlcmU=\n");
    for (Path file : List.of(secrets.resolve("database-password"), secrets.resolve("key"))) {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--------"));
      own(file);
    }
  }

  private void own(Path path) throws IOException {
    String _ =
        LockedTools.run(folder, Map.of(), List.of("chown", USER + ":" + USER, path.toString()));
  }

  private static void awaitReady(Container container, TestClient client) throws Exception {
    try {
      Await.until(
          "the container is ready", () -> !container.process().isAlive() || isReady(client));
    } catch (AssertionError e) {
      throw new AssertionError(e.getMessage() + ":\n" + container.log(), e);
    }
    assertThat(container.process().isAlive()).as(container.log()).isTrue();
  }

  private static boolean isReady(TestClient client) {
    try {
      return client.get("/readyz").status() == 200;
    } catch (IllegalStateException _) {
      return false;
    }
  }

  /// The fields of `/proc/PID/status`.
  private static Map<String, List<String>> status(long pid) throws IOException {
    Map<String, List<String>> fields = new TreeMap<>();
    for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "status"))) {
      String[] parts = line.split(":\\s*", 2);
      fields.put(parts[0], List.of(parts[1].strip().split("\\s+")));
    }
    return fields;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
