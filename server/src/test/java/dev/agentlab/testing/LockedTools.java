package dev.agentlab.testing;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/// Programs of Node.js and Python that tests run. `src/test/<tool>` has a lock file with their
/// versions; they are installed into `target/<tool>`, beside a copy of that folder.
///
/// Where a runtime or its registry is missing, the test is skipped, unless the environment says
/// `REQUIRE_NODE=true` or `REQUIRE_PYTHON=true`.
public final class LockedTools {
  private static final Duration TIMEOUT = Duration.ofMinutes(3);

  private LockedTools() {}

  /// Installs what `package-lock.json` lists, unless it is there.
  ///
  /// @return the folder with the installation
  public static Path node(String tool) {
    return installed(
        tool,
        "node",
        "package-lock.json",
        List.of(
            List.of(
                "npm", "ci", "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund")));
  }

  /// Installs what `requirements.txt` lists into the virtual environment `venv`, unless it is
  /// there.
  ///
  /// @return the folder with the installation
  public static Path python(String tool) {
    return installed(
        tool,
        "python",
        "requirements.txt",
        List.of(
            List.of("python3", "-m", "venv", "--clear", "venv"),
            // Most modules are never imported, so compiling all of them takes longer.
            List.of(
                "venv/bin/pip",
                "install",
                "--quiet",
                "--no-deps",
                "--no-compile",
                "-r",
                "requirements.txt")));
  }

  /// Runs a program without input and requires success.
  ///
  /// @param folder the working directory; `program.log` there receives the output
  /// @param environment in addition to that of the tests
  /// @return its output
  /// @throws IOException with the output if the program fails or cannot be started
  public static String run(Path folder, Map<String, String> environment, List<String> command)
      throws IOException {
    Path log = folder.resolve("program.log");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    // Some programs read their input to its end first.
    process.getOutputStream().close();
    try {
      if (!process.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
      }
      if (process.waitFor() != 0) {
        throw new IOException(
            "%s failed:%n%s".formatted(String.join(" ", command), Files.readString(log)));
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return Files.readString(log);
  }

  private static Path installed(
      String tool, String runtime, String lock, List<List<String>> commands) {
    try {
      return install(tool, lock, commands);
    } catch (IOException e) {
      if ("true".equals(System.getenv("REQUIRE_" + runtime.toUpperCase(Locale.ROOT)))) {
        throw new UncheckedIOException(e);
      }
      return Assumptions.abort("%s needs %s: %s".formatted(tool, runtime, e.getMessage()));
    }
  }

  /// Installs a tool while no other process of the tests does.
  private static Path install(String tool, String lock, List<List<String>> commands)
      throws IOException {
    Path target = Path.of("target", tool);
    Files.createDirectories(target);
    try (FileChannel file = FileChannel.open(target.resolve("installing"), CREATE, WRITE);
        FileLock _ = file.lock()) {
      return install(target, tool, lock, commands);
    }
  }

  private static Path install(Path target, String tool, String lock, List<List<String>> commands)
      throws IOException {
    try (Stream<Path> sources = Files.list(Path.of("src", "test", tool))) {
      for (Path source : sources.toList()) {
        Files.copy(
            source, target.resolve(source.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    Path done = target.resolve("installed.lock");
    if (Files.exists(done) && Files.mismatch(done, target.resolve(lock)) < 0) {
      return target;
    }
    for (List<String> command : commands) {
      run(target, Map.of(), command);
    }
    Files.copy(target.resolve(lock), done, StandardCopyOption.REPLACE_EXISTING);
    return target;
  }
}
