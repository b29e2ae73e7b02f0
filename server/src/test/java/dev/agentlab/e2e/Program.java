package dev.agentlab.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.server.TestClient;
import dev.agentlab.testing.Await;
import dev.agentlab.testing.LockedTools;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/// A process of `agent-lab serve`: the launcher and the packaged program, in its own folder with
/// the shipped configuration, on a free port. The system property `launcher` names another
/// launcher, such as that of a release archive.
final class Program implements AutoCloseable {
  private static final Path LAUNCHER = prepared();
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final List<String> INHERITED = List.of("PATH", "HOME", "LANG", "TMPDIR");

  private final Path folder;
  private final Path log;
  private final int port;
  private final Process process;
  private final TestClient client;

  /// The result of a command.
  record Result(int code, String out, String err) {}

  private Program(Path folder, int port, Process process, Path log) {
    this.folder = folder;
    this.port = port;
    this.process = process;
    this.log = log;
    this.client = TestClient.of(url());
  }

  /// Runs the launcher once, so that no timeout of a test includes the preparation of the program.
  private static Path prepared() {
    Path launcher =
        Path.of(System.getProperty("launcher", "../agent-lab")).toAbsolutePath().normalize();
    try {
      String _ =
          LockedTools.run(
              Files.createTempDirectory("agent-lab"),
              Map.of("JAVA_HOME", System.getProperty("java.home")),
              List.of(launcher.toString(), "--version"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return launcher;
  }

  /// The launcher under test.
  static Path launcher() {
    return LAUNCHER;
  }

  /// Starts the service and waits until it is ready.
  ///
  /// @param folder the working directory, whose data is reused
  static Program serve(Path folder, Map<String, String> environment) throws Exception {
    return serve(LAUNCHER, folder, environment);
  }

  /// Starts the service of another version and waits until it is ready.
  static Program serve(Path launcher, Path folder, Map<String, String> environment)
      throws Exception {
    Program program = start(launcher, folder, environment);
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
    return start(LAUNCHER, folder, environment);
  }

  /// Starts the service of another version and does not wait.
  static Program start(Path launcher, Path folder, Map<String, String> environment)
      throws IOException {
    int port = freePort();
    Path log = Files.createTempFile(folder, "serve", ".log");
    Map<String, String> more = new TreeMap<>(environment);
    more.putIfAbsent("SERVER_PORT", Integer.toString(port));
    Process process =
        Interrupts.start(
            builder(launcher, folder, more, "serve")
                .redirectErrorStream(true)
                .redirectOutput(log.toFile()));
    return new Program(folder, Integer.parseInt(more.get("SERVER_PORT")), process, log);
  }

  /// Runs a command against this service and waits for it to exit.
  Result run(String... arguments) throws IOException, InterruptedException {
    return run(folder, Map.of("AGENT_LAB_URL", url().toString()), arguments);
  }

  /// Starts a command against this service and does not wait; the caller reads its output.
  Process begin(String... arguments) throws IOException {
    return Interrupts.start(
        builder(folder, Map.of("AGENT_LAB_URL", url().toString()), arguments)
            .redirectInput(Path.of("/dev/null").toFile()));
  }

  /// Starts a command and does not wait; its output is discarded.
  static Process begin(Path folder, Map<String, String> environment, String... arguments)
      throws IOException {
    return builder(folder, environment, arguments)
        .redirectInput(Path.of("/dev/null").toFile())
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  /// Starts a command against this service on a new terminal and does not wait. The input and
  /// output of the process are the keyboard and screen of the terminal.
  ///
  /// @param command words without quotes
  Process beginOnTerminal(String command) throws IOException {
    ProcessBuilder launcher = builder(folder, Map.of("AGENT_LAB_URL", url().toString()));
    launcher.command("script", "-qec", "'%s' %s".formatted(LAUNCHER, command), "/dev/null");
    return Interrupts.start(launcher);
  }

  /// Runs a command with empty input and waits for it to exit.
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
    return builder(LAUNCHER, folder, environment, arguments);
  }

  private static ProcessBuilder builder(
      Path launcher, Path folder, Map<String, String> environment, String... arguments)
      throws IOException {
    Path config = folder.resolve("config.toml");
    if (Files.notExists(config)) {
      Files.copy(shippedConfig(launcher), config);
    }
    List<String> command = new ArrayList<>(List.of(launcher.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().keySet().retainAll(INHERITED);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().putAll(environment);
    return builder;
  }

  /// The configuration beside the launcher; in a release archive, that is in a folder of its own.
  private static Path shippedConfig(Path launcher) {
    Path beside = launcher.resolveSibling("config.toml");
    return Files.exists(beside) ? beside : launcher.resolveSibling("../config.toml");
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + port);
  }

  /// The id of the JVM process, which replaces the launcher.
  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /// The standard output and standard error of the service.
  String log() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// A client with the admin key, if it exists.
  TestClient client() {
    return key().map(client::as).orElse(client);
  }

  /// The admin key, if a start in this folder created it.
  Optional<String> key() {
    try {
      return Optional.of(Files.readString(folder.resolve("data/admin.key")).strip());
    } catch (IOException _) {
      return Optional.empty();
    }
  }

  /// The status of a GET; 0 without a response.
  int status(String path) {
    try {
      return client().get(path).status();
    } catch (IllegalStateException _) {
      return 0;
    }
  }

  void awaitReady() throws Exception {
    try {
      Await.until("the service is ready", () -> !process.isAlive() || status("/readyz") == 200);
    } catch (AssertionError e) {
      throw new AssertionError(e.getMessage() + ":\n" + log(), e);
    }
    assertThat(process.isAlive()).as(this::log).isTrue();
  }

  /// Waits for the process to exit.
  int exitCode() throws InterruptedException {
    return exitCode(process);
  }

  private static int exitCode(Process process) throws InterruptedException {
    if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      end(process);
      throw new AssertionError("the program does not exit");
    }
    return process.exitValue();
  }

  /// Terminates a process, which stops its database, and kills it after a timeout.
  private static void end(Process process) {
    process.destroy();
    process.onExit().completeOnTimeout(process, PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
    process.destroyForcibly();
  }

  /// Sends SIGTERM and does not wait.
  void terminate() {
    process.destroy();
  }

  /// Sends SIGTERM and waits for the process to exit.
  int stop() throws InterruptedException {
    terminate();
    return exitCode();
  }

  /// Sends a signal and waits for the process to exit.
  ///
  /// @param name such as `INT`
  int stop(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(pid())).inheritIO().start().waitFor();
    return exitCode();
  }

  /// Sends SIGKILL. The embedded database keeps running until the next start or [#close].
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /// The postmaster of the embedded database, if it is running.
  Optional<ProcessHandle> database() {
    return postmaster()
        .flatMap(lines -> ProcessHandle.of(Long.parseLong(lines.getFirst().strip())))
        .filter(process -> process.info().command().orElse("").contains("postgres"));
  }

  /// Opens a connection to the embedded database.
  Connection connectToDatabase() throws SQLException {
    String url = "jdbc:postgresql://127.0.0.1:%s/agent_lab".formatted(postmaster().get().get(3));
    try {
      return DriverManager.getConnection(
          url, "agent_lab", Files.readString(cluster().resolve("agent_lab.password")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The lines of `postmaster.pid` if the database is running: process, folder, start, port, …
  private Optional<List<String>> postmaster() {
    try {
      return Optional.of(Files.readAllLines(cluster().resolve("data/postmaster.pid")))
          .filter(lines -> lines.size() > 3);
    } catch (IOException _) {
      return Optional.empty();
    }
  }

  private Path cluster() {
    return folder.resolve("data/postgres/cluster");
  }

  /// Stops the service and its database if they are running.
  @Override
  public void close() {
    end(process);
    database().ifPresent(ProcessHandle::destroyForcibly);
    client.http().shutdownNow();
  }
}
