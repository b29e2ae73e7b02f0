package dev.agentlab.postgres;

import com.sun.security.auth.module.UnixSystem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The programs of an unpacked PostgreSQL.
///
/// @param home the folder with `bin`, `lib` and `share`
record PostgresPrograms(Path home) {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresPrograms.class);
  private static final String VERSION_PREFIX = "# PostgreSQL ";

  /// The major version, such as 18.
  int major() throws IOException {
    // `initdb` compares the first line of this file with its own version.
    Path file = home.resolve("share/postgresql/postgres.bki");
    try (Stream<String> lines = Files.lines(file)) {
      return lines
          .limit(1)
          .filter(line -> line.startsWith(VERSION_PREFIX))
          .flatMapToInt(
              line -> MajorVersion.parse(line.substring(VERSION_PREFIX.length())).stream())
          .findFirst()
          .orElseThrow(() -> new IOException("%s does not name a version".formatted(file)));
    }
  }

  /// Creates the command of a program. It does not inherit the environment of this process, which
  /// may contain secrets.
  ProcessBuilder command(String program, String... arguments) throws IOException {
    List<String> words = commandPrefix();
    words.add(home.resolve("bin").resolve(program).toString());
    words.addAll(Arrays.asList(arguments));
    ProcessBuilder command = new ProcessBuilder(words).redirectErrorStream(true);
    command.environment().clear();
    command.environment().put("LC_ALL", "C");
    return command;
  }

  /// Runs a program and waits for it to exit.
  ///
  /// @param input the standard input
  /// @return the combined standard output and standard error
  /// @throws IOException if the exit code is not 0, with the output in the message
  String run(String input, String program, String... arguments)
      throws IOException, InterruptedException {
    Process process = command(program, arguments).start();
    try {
      process.getOutputStream().write(input.getBytes(StandardCharsets.UTF_8));
      process.getOutputStream().close();
    } catch (IOException e) {
      // The program exited without reading; its output has the reason.
    }
    String output;
    try {
      output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      if (process.waitFor() == 0) {
        return output;
      }
    } finally {
      process.destroyForcibly();
    }
    throw failure(program + " failed: " + output, output);
  }

  /// Sends a signal with `pg_ctl kill`, because the JDK can send only TERM and KILL. Does nothing
  /// if the process has exited.
  ///
  /// @param name the signal name without `SIG`, such as `INT`
  void signal(String name, ProcessHandle process) throws InterruptedException {
    try {
      if (process.isAlive()) {
        run("", "pg_ctl", "kill", name, Long.toString(process.pid()));
      }
    } catch (IOException e) {
      LOG.debug("signal {} not sent to process {}", name, process.pid(), e);
    }
  }

  /// Creates the exception for a program that failed, with advice for known errors.
  ///
  /// @param output the output of the program
  static IOException failure(String message, String output) {
    if (output.startsWith("unshare:")) {
      return new IOException(
          "PostgreSQL does not run as root, and this machine does not allow the user namespace that"
              + " would be used instead (%s); run as a non-root user"
                  .formatted(output.lines().findFirst().orElse("")));
    }
    return new IOException(message);
  }

  private static List<String> commandPrefix() throws IOException {
    List<String> words = new ArrayList<>();
    // In its own session the server does not receive the Ctrl-C of a terminal. This process does,
    // and stops the server after the components that use it.
    findInstalled("setsid").map(Path::toString).ifPresent(words::add);
    if (new UnixSystem().getUid() == 0) {
      // PostgreSQL refuses to run as root. In a user namespace its user is `nobody`, while the
      // kernel still treats it as the owner of its files.
      Path unshare =
          findInstalled("unshare")
              .orElseThrow(
                  () -> failure("", "unshare: this program of util-linux is not installed"));
      words.add(unshare.toString());
      words.add("-U");
    }
    return words;
  }

  private static Optional<Path> findInstalled(String program) {
    return Stream.of("/usr/bin", "/bin", "/usr/local/bin", "/usr/sbin", "/sbin")
        .map(folder -> Path.of(folder, program))
        .filter(Files::isExecutable)
        .findFirst();
  }
}
