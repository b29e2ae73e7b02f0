package dev.agentlab.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/// Helm 3 or 4: the one on `PATH`, else one that Go builds into `target/helm` from the module
/// proxy, which takes minutes the first time.
///
/// Without both the test is skipped, unless the environment says `REQUIRE_HELM=true`.
final class HelmProgram {
  private static final String VERSION = "v4.3.2";

  private static final Duration BUILD_TIMEOUT = Duration.ofMinutes(15);
  private static final Duration RUN_TIMEOUT = Duration.ofMinutes(1);

  private final Path program;
  private final Path folder;

  private HelmProgram(Path program, Path folder) {
    this.program = program;
    this.folder = folder;
  }

  /// The result of a run.
  ///
  /// @param output what the program wrote to its standard output
  /// @param errors what it wrote to its standard error
  record Result(int exitCode, String output, String errors) {}

  /// Finds or builds Helm.
  static HelmProgram find() {
    Path folder = Path.of("target", "helm");
    try {
      Files.createDirectories(folder);
      return new HelmProgram(findOnPath(folder), folder);
    } catch (IOException e) {
      try {
        return new HelmProgram(build(folder), folder);
      } catch (IOException unbuilt) {
        if ("true".equals(System.getenv("REQUIRE_HELM"))) {
          throw new UncheckedIOException(unbuilt);
        }
        return Assumptions.abort(
            "the chart's test needs helm: %s; %s".formatted(e.getMessage(), unbuilt.getMessage()));
      }
    }
  }

  /// The version, such as `v4.3.2`.
  String version() {
    return run("version", "--short").output().strip();
  }

  /// Runs Helm without the plugins and repositories of the user.
  Result run(String... arguments) {
    List<String> command = new ArrayList<>(List.of(program.toString()));
    command.addAll(List.of(arguments));
    Map<String, String> environment =
        Map.of(
            "HELM_CACHE_HOME", folder.resolve("cache").toAbsolutePath().toString(),
            "HELM_CONFIG_HOME", folder.resolve("config").toAbsolutePath().toString(),
            "HELM_DATA_HOME", folder.resolve("data").toAbsolutePath().toString(),
            // No cluster.
            "KUBECONFIG", "/dev/null");
    try {
      return run(folder, environment, RUN_TIMEOUT, command);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path findOnPath(Path folder) throws IOException {
    requireSuccess(run(folder, Map.of(), RUN_TIMEOUT, List.of("helm", "version")), "helm version");
    return Path.of("helm");
  }

  private static Path build(Path folder) throws IOException {
    Path bin = folder.resolve(VERSION).toAbsolutePath();
    Path built = bin.resolve("helm");
    if (!Files.isExecutable(built)) {
      requireSuccess(
          run(
              folder,
              Map.of("GOBIN", bin.toString(), "CGO_ENABLED", "0"),
              BUILD_TIMEOUT,
              List.of("go", "install", "-p", "2", "helm.sh/helm/v4/cmd/helm@" + VERSION)),
          "go install");
    }
    return built;
  }

  private static void requireSuccess(Result result, String command) throws IOException {
    if (result.exitCode() != 0) {
      throw new IOException("%s failed: %s".formatted(command, result.errors()));
    }
  }

  private static Result run(
      Path folder, Map<String, String> environment, Duration timeout, List<String> command)
      throws IOException {
    Path output = folder.resolve("output.log");
    Path errors = folder.resolve("errors.log");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(output.toFile()).redirectError(errors.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    process.getOutputStream().close();
    try {
      if (!process.waitFor(timeout.toSeconds(), TimeUnit.SECONDS)) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
      }
      return new Result(process.waitFor(), Files.readString(output), Files.readString(errors));
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
