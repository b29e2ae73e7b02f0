package dev.agentlab.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Runs a copy of the launcher in an isolated folder with fake JDKs that print their arguments, a
/// fake Maven, and a PATH that contains only the tools that the launcher may use.
class LauncherTest {
  private static final Instant BUILT = Instant.parse("2026-01-01T00:00:00Z");

  @TempDir private Path machine;
  private Path home;
  private Path jar;
  private final Map<String, String> environment = new TreeMap<>();

  private record Run(int code, String out, String err) {}

  @BeforeEach
  void install() throws IOException {
    machine = machine.toRealPath();
    home = machine.resolve("a home");
    jar = home.resolve("server/target/agent-lab.jar");
    write(home.resolve("pom.xml"), "");
    for (String module : List.of("base", "postgres", "cli", "server")) {
      write(home.resolve(module).resolve("pom.xml"), "");
      write(home.resolve(module).resolve("src/main/Source.java"), "");
    }
    for (String source :
        List.of(
            "console/index.html",
            "console/src/api/client.ts",
            "console/src/api/schema.ts",
            "console/node_modules/library/index.js",
            "console/target/built",
            "docs/keys.md",
            "server/src/test/openapi/openapi.json")) {
      write(home.resolve(source), "");
    }
    write(jar, "first");
    write(jar.resolveSibling("lib/agent-lab-cli-1.jar"), "first");
    // A file where the folder of the AOT cache belongs: most tests are about other things.
    write(home.resolve(".cache"), "");
    try (Stream<Path> sources = Files.walk(home)) {
      for (Path source : (Iterable<Path>) sources::iterator) {
        age(source, -60);
      }
    }
    age(jar, 0);
    // The standard JDK locations, relocated into the test folder.
    String launcher = Files.readString(Path.of("..", "agent-lab"));
    for (String root : List.of("/usr/", "/opt/", "/Library/")) {
      launcher = launcher.replace(" " + root, " " + machine + root);
    }
    program(home.resolve("agent-lab"), launcher);
    for (String file : List.of("launch", "train")) {
      program(
          home.resolve("launcher").resolve(file),
          Files.readString(Path.of("..", "launcher", file)));
    }
    for (String tool :
        List.of("sh", "find", "mkdir", "mktemp", "mv", "rm", "touch", "readlink", "dirname")) {
      Path link = machine.resolve("bin").resolve(tool);
      Files.createDirectories(machine.resolve("bin"));
      Files.createSymbolicLink(link, onPath(tool));
    }
    environment.put("PATH", machine.resolve("bin").toString());
    environment.put("HOME", machine.resolve("user").toString());
  }

  private static Path onPath(String tool) {
    return Stream.of(System.getenv("PATH").split(":", -1))
        .map(place -> Path.of(place, tool))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow();
  }

  private static void write(Path file, String text) throws IOException {
    Files.createDirectories(file.resolveSibling("."));
    Files.writeString(file, text);
  }

  private static void program(Path file, String text) throws IOException {
    write(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static void age(Path file, int seconds) throws IOException {
    Files.setLastModifiedTime(file, FileTime.from(BUILT.plusSeconds(seconds)));
  }

  /// A folder with a `java` that prints its arguments, one per line.
  private Path jdk(String place, String version) throws IOException {
    Path folder = machine.resolve(place);
    program(folder.resolve("bin/java"), "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
    program(folder.resolve("bin/javac"), "#!/bin/sh\n");
    write(folder.resolve("release"), "OTHER=\"9\"\nJAVA_VERSION=\"" + version + "\"\n");
    return folder;
  }

  /// A Maven that prints its JDK and runs a script.
  private void maven(String script) throws IOException {
    program(machine.resolve("bin/mvn"), "#!/bin/sh\necho \"mvn on $JAVA_HOME\"\n" + script + "\n");
  }

  private Run run(Path launcher, String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(launcher.toString()));
    command.addAll(List.of(arguments));
    Path out = machine.resolve("out");
    Path err = machine.resolve("err");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(machine.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    Process process = builder.start();
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("the launcher did not exit");
    }
    return new Run(process.exitValue(), Files.readString(out), Files.readString(err));
  }

  private Run launch(String... arguments) throws IOException, InterruptedException {
    return run(home.resolve("agent-lab"), arguments);
  }

  @Test
  void missingJavaIsReportedWithSearchedPlaces() throws Exception {
    environment.put("JAVA_HOME", jdk("old", "1.8.0_402").toString());
    Files.createSymbolicLink(
        machine.resolve("bin/java"), jdk("usr/lib/jvm/java-17", "17.0.15").resolve("bin/java"));

    Run run = launch("--help");

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err())
        .contains("needs Java 25 or later", "https://adoptium.net")
        .contains(machine.resolve("old") + " is Java 1.8.0_402")
        .contains(machine.resolve("usr/lib/jvm/java-17") + " is Java 17.0.15");
    assertThat(run.out()).isEmpty();
  }

  @Test
  void javaIsSearchedInJavaHomeThenPathThenDefaults() throws Exception {
    Path usual = jdk("usr/lib/jvm/x", "25");
    assertThat(launch("--java-home").out()).isEqualTo(usual + "\n");

    jdk("somewhere", "26-ea");
    Files.createSymbolicLink(machine.resolve("bin/java"), Path.of("../somewhere/bin/java"));
    assertThat(launch("--java-home").out()).contains("somewhere");

    Path set = jdk("set", "25.0.3");
    environment.put("JAVA_HOME", set.toString());
    assertThat(launch("--java-home").out()).isEqualTo(set + "\n");
  }

  @Test
  void outdatedJavaHomeIsSkipped() throws Exception {
    environment.put("JAVA_HOME", jdk("old", "21.0.1").toString());
    Path user = jdk("user/.sdkman/candidates/java/current", "25.0.3");

    assertThat(launch("--java-home").out()).isEqualTo(user + "\n");
  }

  @Test
  void argumentsArePassedUnchanged() throws Exception {
    jdk("usr/lib/jvm/x", "25");
    environment.put("AGENT_LAB_JAVA_OPTS", "-Xmx64m -Da=b");

    Run run = launch("config", "a b", "", "*", "--json");

    assertThat(run.code()).isZero();
    assertThat(run.out()).endsWith(jar + "\nconfig\na b\n\n*\n--json\n");
    assertThat(run.out().lines()).contains("-Xmx64m", "-Da=b", "-Dagent-lab.home=" + home, "-jar");
    assertThat(run.err()).isEmpty();
  }

  @Test
  void symbolicLinksResolveToHome() throws Exception {
    jdk("usr/lib/jvm/x", "25");
    Path links = Files.createDirectories(machine.resolve("links"));
    Files.createSymbolicLink(links.resolve("one"), Path.of("../a home/agent-lab"));
    Files.createSymbolicLink(links.resolve("two"), links.resolve("one"));

    assertThat(run(links.resolve("two"), "config").out()).contains("-Dagent-lab.home=" + home);
  }

  @Test
  void upToDateJarIsNotBuilt() throws Exception {
    jdk("usr/lib/jvm/x", "25");

    assertThat(launch("--help").err()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "pom.xml",
        "cli/pom.xml",
        "base/src/main/Source.java",
        "server/src/main",
        "console/index.html",
        "console/src/api/client.ts",
        "docs/keys.md",
        "server/src/test/openapi/openapi.json"
      })
  void newerSourceIsBuiltOnce(String source) throws Exception {
    jdk("usr/lib/jvm/x", "25");
    maven("printf second >server/target/agent-lab.jar");
    age(home.resolve(source), 1);

    Run run = launch("provider", "list", "--json");

    assertThat(run.code()).isZero();
    assertThat(run.err()).isEqualTo("building agent-lab; the first build takes longest …\n");
    assertThat(run.out()).doesNotContain("mvn");
    assertThat(jar).hasContent("second");
    assertThat(launch("provider").err()).isEmpty();
  }

  @Test
  void newerOutputOfTheConsoleIsNotBuilt() throws Exception {
    jdk("usr/lib/jvm/x", "25");
    for (String output :
        List.of(
            "console/src/api/schema.ts",
            "console/node_modules/library/index.js",
            "console/target/built")) {
      age(home.resolve(output), 1);
    }

    assertThat(launch("--help").err()).isEmpty();
  }

  @Test
  void missingConsoleIsReported() throws Exception {
    jdk("usr/lib/jvm/x", "25");
    maven("echo 'console: no Node.js'\necho other\nprintf second >server/target/agent-lab.jar");
    Files.delete(jar);

    Run run = launch("config");

    assertThat(run.code()).isZero();
    assertThat(run.err()).endsWith("takes longest …\nconsole: no Node.js\n");
  }

  @Test
  void sourceChangedDuringBuildIsBuiltAgain() throws Exception {
    jdk("usr/lib/jvm/x", "25");
    // The resolution of file times is limited.
    maven(
        """
        until [ cli/src/main/Source.java -nt server/target/build-began ]; do touch cli/src/main/Source.java; done
        printf second >server/target/agent-lab.jar
        """);
    Files.delete(jar);

    assertThat(launch("config").err()).contains("building");
    assertThat(launch("config").err()).contains("building");
  }

  @Test
  void failedBuildStopsLauncher() throws Exception {
    Path jdk = jdk("usr/lib/jvm/x", "25");
    maven("exit 1");
    Files.delete(jar);

    Run run = launch("config");

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).endsWith("mvn on " + jdk + "\nthe build failed\n");
    assertThat(run.out()).isEmpty();
  }

  @Test
  void missingMavenIsReportedOnlyIfRequired() throws Exception {
    jdk("usr/lib/jvm/x", "25");
    assertThat(launch("config").code()).isZero();
    Files.delete(jar);

    Run run = launch("config");

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("requires Maven (mvn) on PATH");
  }

  @Test
  void packagedProgramIsNotBuilt() throws Exception {
    jdk("usr/lib/jvm/x", "25");
    Files.delete(home.resolve("pom.xml"));
    age(home.resolve("server/src/main"), 1);

    assertThat(launch("config").err()).isEmpty();
  }

  @Test
  void cachesAreTrainedOnceForJarsAndJava() throws Exception {
    trainableJdk("");
    Run first = launch("serve");
    assertThat(first.err()).isEqualTo("preparing agent-lab for fast starts …\n");
    assertThat(cache(first)).exists().hasFileName("25.0.3-service.aot");
    Run command = launch("provider", "list");
    assertThat(command.err()).isEmpty();
    assertThat(cache(command)).exists().hasFileName("25.0.3-commands.aot");
    assertThat(command.out()).contains("25.0.3-picocli.jar:", "dev.agentlab.cli.Main\nprovider");

    Path library = jar.resolveSibling("lib/agent-lab-cli-1.jar");
    Files.setLastModifiedTime(library, FileTime.from(Instant.now().plusSeconds(60)));

    assertThat(launch("provider", "list").err()).startsWith("preparing agent-lab");
  }

  @Test
  void commandsUseTheJarThatTheirLaunchHasBuilt() throws Exception {
    trainableJdk("");
    Path library = jar.resolveSibling("lib/agent-lab-cli-1.jar");
    Files.delete(jar);
    Files.delete(library);
    maven("echo built >'%s'\necho built >'%s'".formatted(jar, library));

    Run run = launch("provider", "list");

    assertThat(run.code()).isZero();
    assertThat(run.out()).contains(":" + library + "\ndev.agentlab.cli.Main\nprovider\nlist\n");
  }

  @Test
  void failedTrainingIsNotRepeated() throws Exception {
    trainableJdk("exit 1");

    Run run = launch("serve");
    Run again = launch("serve");

    assertThat(run.code()).isZero();
    assertThat(run.err()).isEqualTo("preparing agent-lab for fast starts …\n");
    assertThat(run.out()).doesNotContain("AOTCache");
    assertThat(again.err()).isEmpty();
    assertThat(again.out()).doesNotContain("AOTCache");
    assertThat(home.resolve(".cache/25.0.3.failed")).exists();
  }

  @Test
  void readOnlyFolderHasNoCache() throws Exception {
    jdk("usr/lib/jvm/x", "25.0.3");

    Run run = launch("serve");

    assertThat(run.code()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.out()).doesNotContain("AOTCache");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "provider",
        "provider list",
        "agent chat x",
        "audit verify",
        "secrets status",
        "key list"
      })
  void commandsOfTheApiHaveTheShortClassPath(String command) throws Exception {
    jdk("usr/lib/jvm/x", "25");

    assertThat(launch(command.split(" ")).out())
        .contains("-jar\n" + jar.resolveSibling("lib/agent-lab-cli-1.jar") + "\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "serve",
        "config",
        "doctor",
        "--help",
        "completion",
        "key",
        "key --help",
        "key reset-admin",
        "provider list --config x",
        "agent list --config=x"
      })
  void otherCommandsHaveTheWholeProgram(String command) throws Exception {
    jdk("usr/lib/jvm/x", "25");

    assertThat(launch(command.split(" ")).out()).contains("-jar\n" + jar + "\n");
  }

  /// A JDK that writes the AOT caches, in an installation with a folder for them.
  ///
  /// @param script what `java` does after that
  private void trainableJdk(String script) throws IOException {
    Files.delete(home.resolve(".cache"));
    Path folder = jdk("usr/lib/jvm/x", "25.0.3");
    program(
        folder.resolve("bin/java"),
        """
        #!/bin/sh
        printf '%%s\\n' "$@"
        for option; do
          case $option in
            -XX:AOTCacheOutput=*)
              printf cache >"${option#*=}"
              %s
              ;;
          esac
        done
        """
            .formatted(script));
  }

  private static Path cache(Run run) {
    return run.out()
        .lines()
        .filter(line -> line.startsWith("-XX:AOTCache="))
        .map(line -> Path.of(line.substring(line.indexOf('=') + 1)))
        .findFirst()
        .orElseThrow();
  }
}
