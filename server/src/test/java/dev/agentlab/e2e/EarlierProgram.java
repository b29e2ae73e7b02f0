package dev.agentlab.e2e;

import dev.agentlab.testing.LockedTools;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;

/// The earliest program that this one can replace in a rolling upgrade, as its own launcher builds
/// it. It is kept in `target/earlier`.
///
/// Where the history of the sources is missing, as in a shallow clone, the test is skipped, unless
/// the environment says `REQUIRE_HISTORY=true`.
final class EarlierProgram {
  private static final String COMMIT = "9f5e55b2ef6a767a63c1adb973cfe3a95bba161b";
  private static final Path FOLDER = Path.of("target", "earlier").toAbsolutePath();

  private EarlierProgram() {}

  /// Builds the program, unless it is there.
  ///
  /// @return its launcher
  static Path launcher() throws IOException {
    Files.createDirectories(FOLDER);
    requireHistory();
    Path folder = FOLDER.resolve(COMMIT);
    Path launcher = folder.resolve("agent-lab");
    if (Files.notExists(launcher)) {
      String archive = folder + ".tar";
      String sources = git("rev-parse", "--show-toplevel");
      git("-C", sources, "archive", "--output=" + archive, COMMIT);
      Files.createDirectories(folder);
      run(folder, "tar", "-xf", archive);
      removeStaticAnalysis(folder.resolve("pom.xml"));
    }
    run(folder, launcher.toString(), "--version");
    return launcher;
  }

  /// Takes static analysis out of a build, which most of its time is spent on.
  private static void removeStaticAnalysis(Path pom) throws IOException {
    List<String> lines = Files.readAllLines(pom);
    Files.write(pom, lines.stream().filter(it -> !it.contains("-Xplugin:ErrorProne")).toList());
  }

  private static void requireHistory() {
    try {
      String _ = git("rev-parse", "--verify", COMMIT + "^{commit}");
    } catch (IOException e) {
      if ("true".equals(System.getenv("REQUIRE_HISTORY"))) {
        throw new UncheckedIOException(e);
      }
      Assumptions.abort("needs the history of the sources: " + e.getMessage());
    }
  }

  private static String git(String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(arguments));
    return run(FOLDER, command.toArray(String[]::new)).strip();
  }

  private static String run(Path folder, String... command) throws IOException {
    return LockedTools.run(
        folder, Map.of("JAVA_HOME", System.getProperty("java.home")), List.of(command));
  }
}
