package dev.agentlab.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.security.auth.module.UnixSystem;
import dev.agentlab.cli.ExitCode;
import dev.agentlab.testing.LockedTools;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The release archive, unpacked elsewhere, in a folder whose name has a space.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ArchiveIT {
  private static final long MEGABYTE = 1_000_000;
  private static final String SYSTEM_PATH = "/usr/sbin:/usr/bin:/sbin:/bin";

  private final Archive archive = Archive.find();
  private Path machine;
  private Path home;

  private record Run(int code, String output) {}

  @BeforeAll
  void unpack(@TempDir Path folder) throws IOException {
    machine = folder.toRealPath();
    home = archive.unpackInto(machine.resolve("a folder"));
  }

  @Test
  void archiveIsSmall() throws IOException {
    long packed = Files.size(archive.file());
    long server = size(home.resolve("postgres"));

    assertThat(packed).isLessThanOrEqualTo(90 * MEGABYTE);
    assertThat(packed - server).isLessThanOrEqualTo(75 * MEGABYTE);
  }

  private static long size(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).mapToLong(it -> it.toFile().length()).sum();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"version", "config", "provider kinds --help"})
  void bothCachesAreAccepted(String command) throws Exception {
    // A JVM that does not accept its cache does not start in this mode.
    Run run = run(Map.of("AGENT_LAB_JAVA_OPTS", "-XX:AOTMode=on"), command.split(" "));

    assertThat(run.code()).as(run.output()).isZero();
  }

  @Test
  void changedLibraryIsRunWithoutTheCache() throws Exception {
    Path other = archive.unpackInto(machine.resolve("changed"));
    try (Stream<Path> libraries = Files.list(other.resolve("lib"))) {
      Path cli = libraries.filter(it -> it.toString().contains("agent-lab-cli")).findFirst().get();
      Files.setLastModifiedTime(cli, FileTime.from(Instant.now()));
    }

    Run run = run(other, Map.of(), "version", "--json");

    assertThat(run.code()).isZero();
    assertThat(run.output()).startsWith("{").endsWith("}\n");
  }

  @Test
  void versionNamesTheCommit() throws Exception {
    assertThat(run(Map.of(), "version").output())
        .matches(
            "agent-lab 0[.]1[.]0( [(]commit [0-9a-f]{12}(-dirty)? of [0-9-]{10}[)])?, Java 25.*\n");
  }

  @Test
  void archiveHasWhatOperatorsNeed() {
    assertThat(home)
        .isDirectoryContaining("glob:**/bin")
        .isDirectoryContaining("glob:**/config.toml")
        .isDirectoryContaining("glob:**/LICENSE")
        .isDirectoryContaining("glob:**/README.md")
        .isDirectoryContaining("glob:**/sbom.json")
        .isDirectoryContaining("glob:**/agent-lab.service");
    assertThat(home.resolve("completions"))
        .isDirectoryContaining("glob:**.bash")
        .isDirectoryContaining("glob:**.zsh")
        .isDirectoryContaining("glob:**.fish");
    assertThat(home.resolve("runtime/legal/java.base")).isDirectoryContaining("glob:**/LICENSE");
    assertThat(home.resolve("licenses")).isDirectoryContaining("glob:**/postgresql-*");
    assertThat(home.resolve("runtime/bin")).isDirectoryNotContaining("glob:**/javac");
  }

  @Test
  void checksumIsThatOfTheArchive() throws Exception {
    Run run =
        run(
            List.of("sha256sum", "-c", archive.file().getFileName() + ".sha256"),
            Path.of("target"),
            Map.of("PATH", SYSTEM_PATH));

    assertThat(run.output()).isEqualTo(archive.file().getFileName() + ": OK\n");
  }

  @Test
  void linkInAFolderOfProgramsWorks() throws Exception {
    Path link =
        Files.createSymbolicLink(machine.resolve("agent-lab"), home.resolve("bin/agent-lab"));

    Run run = run(List.of(link.toString(), "version"), machine, Map.of("PATH", "/usr/bin:/bin"));

    assertThat(run.output()).startsWith("agent-lab ");
  }

  @Test
  void servesWithoutJdkProgramsAndNetwork() throws Exception {
    requireNamespaces();
    Path python = LockedTools.python("openai-python").toAbsolutePath().resolve("venv/bin/python");
    Path folder = Files.createDirectory(machine.resolve("isolated"));
    List<String> command = new ArrayList<>(namespace());
    command.addAll(
        List.of(
            Path.of("src/test/archive/isolated").toAbsolutePath().toString(),
            home.toString(),
            python.toString()));

    Run run = run(command, folder, Map.of("PATH", SYSTEM_PATH));

    assertThat(run.output())
        .containsSubsequence("answer: ", "audit trail intact", "answer: ", "service ended with 0");
    assertThat(run.code()).as(run.output()).isZero();
  }

  @Test
  void guideInstallsAServiceOfSystemd() throws Exception {
    requireNamespaces();
    if (new UnixSystem().getUid() != 0) {
      Assumptions.abort("needs root");
    }
    Path folder = Files.createDirectory(machine.resolve("operations"));

    Run run =
        run(
            List.of(
                "unshare",
                "--mount",
                "--net",
                Path.of("src/test/archive/operations").toAbsolutePath().toString(),
                Path.of("../docs/operations.md").toAbsolutePath().normalize().toString(),
                archive.file().toString()),
            folder,
            Map.of("PATH", SYSTEM_PATH));

    assertThat(run.output())
        .contains("READY", "audit trail intact")
        .endsWith(
            "invalid configuration ended with %d\n"
                .formatted(ExitCode.INVALID_CONFIGURATION.number()));
    assertThat(run.code()).as(run.output()).isZero();
  }

  /// The command that runs another one in a new network namespace.
  private static List<String> namespace() {
    return new UnixSystem().getUid() == 0
        ? List.of("unshare", "--net")
        : List.of("unshare", "--map-root-user", "--net");
  }

  /// Skips the test where namespaces are not allowed, unless the environment requires them.
  private void requireNamespaces() throws IOException, InterruptedException {
    List<String> probe = new ArrayList<>(namespace());
    probe.addAll(List.of("ip", "link", "set", "lo", "up"));
    String problem;
    try {
      Run run = run(probe, machine, Map.of("PATH", SYSTEM_PATH));
      if (run.code() == 0) {
        return;
      }
      problem = run.output();
    } catch (UncheckedIOException e) {
      problem = e.getMessage();
    }
    if ("true".equals(System.getenv("REQUIRE_CONTAINERS"))) {
      throw new AssertionError("there are no network namespaces: " + problem);
    }
    Assumptions.abort("needs network namespaces and iproute2: " + problem);
  }

  private Run run(Map<String, String> environment, String... arguments) throws Exception {
    return run(home, environment, arguments);
  }

  private Run run(Path installation, Map<String, String> environment, String... arguments)
      throws Exception {
    List<String> command =
        new ArrayList<>(List.of(installation.resolve("bin/agent-lab").toString()));
    command.addAll(List.of(arguments));
    return run(command, machine, environment);
  }

  private static Run run(List<String> command, Path folder, Map<String, String> environment)
      throws InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().clear();
    builder.environment().putAll(environment);
    try {
      Process process = builder.start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
      return new Run(process.exitValue(), output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
