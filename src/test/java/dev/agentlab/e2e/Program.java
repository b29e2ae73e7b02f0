package dev.agentlab.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// `agent-lab serve` as a user runs it: the launcher over what the build packaged, in a folder of
/// its own with the shipped configuration, on a free port.
final class Program implements AutoCloseable {
  private static final Path LAUNCHER = Path.of("agent-lab").toAbsolutePath();
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final List<String> INHERITED = List.of("PATH", "HOME", "LANG", "TMPDIR");

  private final Path folder;
  private final Path log;
  private final int port;
  private final Process process;

  /// A command that has ended.
  record Result(int code, String out, String err) {}

  private Program(Path folder, int port, Process process, Path log) {
    this.folder = folder;
    this.port = port;
    this.process = process;
    this.log = log;
  }

  /// Starts the service and waits until it is ready.
  ///
  /// @param folder where its data is kept; the same one goes on with the same data
  static Program serve(Path folder, Map<String, String> environment) throws Exception {
    Program program = start(folder, environment);
    try {
      program.awaitReady();
    } catch (Exception | AssertionError e) {
      program.close();
      throw e;
    }
    return program;
  }

  /// Starts the service and does not wait.
  static Program start(Path folder, Map<String, String> environment) throws IOException {
    int port = freePort();
    Path log = Files.createTempFile(folder, "serve", ".log");
    Map<String, String> more = new TreeMap<>(environment);
    more.putIfAbsent("SERVER_PORT", Integer.toString(port));
    Process process =
        builder(folder, more, "serve")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    return new Program(folder, Integer.parseInt(more.get("SERVER_PORT")), process, log);
  }

  /// Runs a command against this service to its end.
  Result run(String... arguments) throws IOException, InterruptedException {
    return run(folder, Map.of("AGENT_LAB_URL", url().toString()), arguments);
  }

  /// Runs a command to its end, with nothing to read.
  static Result run(Path folder, Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    Path out = Files.createTempFile(folder, "out", ".txt");
    Path err = Files.createTempFile(folder, "err", ".txt");
    Process process =
        builder(folder, environment, arguments)
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    int code = exitCode(process);
    return new Result(code, Files.readString(out), Files.readString(err));
  }

  private static ProcessBuilder builder(
      Path folder, Map<String, String> environment, String... arguments) throws IOException {
    Path config = folder.resolve("config.toml");
    if (Files.notExists(config)) {
      Files.copy(LAUNCHER.resolveSibling("config.toml"), config);
    }
    List<String> command = new ArrayList<>(List.of(LAUNCHER.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().keySet().retainAll(INHERITED);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().putAll(environment);
    return builder;
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + port);
  }

  /// Of the JVM: the launcher becomes it.
  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /// What it has written to both outputs.
  String log() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void awaitReady() throws Exception {
    HttpRequest readiness =
        HttpRequest.newBuilder(url().resolve("/readyz")).timeout(Duration.ofSeconds(5)).build();
    try (HttpClient http = HttpClient.newHttpClient()) {
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (!isReady(http, readiness)) {
        if (!process.isAlive() || System.nanoTime() > deadline) {
          throw new AssertionError("the service does not become ready:\n" + log());
        }
        Thread.sleep(20);
      }
    }
  }

  private static boolean isReady(HttpClient http, HttpRequest readiness)
      throws InterruptedException {
    try {
      return http.send(readiness, BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException _) {
      return false;
    }
  }

  /// Waits for its end.
  int exitCode() throws InterruptedException {
    return exitCode(process);
  }

  private static int exitCode(Process process) throws InterruptedException {
    if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("the program does not end");
    }
    return process.exitValue();
  }

  /// Asks it to stop (SIGTERM) and waits for its end.
  int stop() throws InterruptedException {
    process.destroy();
    return exitCode();
  }

  /// Sends it a signal and waits for its end.
  ///
  /// @param name such as `INT`
  int stop(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(pid())).inheritIO().start().waitFor();
    return exitCode();
  }

  /// Ends it at once (SIGKILL). Its embedded database goes on until the next start or [#close].
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /// The first process of the embedded database, if there is one.
  Optional<ProcessHandle> database() {
    Path data = folder.resolve("data");
    if (Files.notExists(data)) {
      return Optional.empty();
    }
    try (Stream<Path> files = Files.find(data, 4, (path, _) -> path.endsWith("postmaster.pid"))) {
      return files.findFirst().flatMap(Program::processIn);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Optional<ProcessHandle> processIn(Path file) {
    try {
      return ProcessHandle.of(Long.parseLong(Files.readAllLines(file).getFirst().strip()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Ends what still runs of it.
  @Override
  public void close() {
    process.destroy();
    process.onExit().completeOnTimeout(process, PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
    process.destroyForcibly();
    database().ifPresent(ProcessHandle::destroyForcibly);
  }
}
