package dev.agentlab.database.embedded;

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

/// The programs of an unpacked PostgreSQL, ready to run.
///
/// @param home holds `bin`, `lib` and `share`
record PostgresPrograms(Path home) {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresPrograms.class);

  /// A program not yet started. It gets none of this process's environment, which may hold secrets.
  ProcessBuilder command(String program, String... arguments) throws IOException {
    List<String> words = prefix();
    words.add(home.resolve("bin").resolve(program).toString());
    words.addAll(Arrays.asList(arguments));
    ProcessBuilder command = new ProcessBuilder(words).redirectErrorStream(true);
    command.environment().clear();
    command.environment().put("LC_ALL", "C");
    return command;
  }

  /// Runs a program to its end.
  ///
  /// @param input what it reads
  /// @return what it wrote
  /// @throws IOException with what it wrote if it does not end with 0
  String run(String input, String program, String... arguments)
      throws IOException, InterruptedException {
    Process process = command(program, arguments).start();
    try {
      process.getOutputStream().write(input.getBytes(StandardCharsets.UTF_8));
      process.getOutputStream().close();
    } catch (IOException e) {
      // It ended without reading; its own words below say why.
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

  /// Sends a signal, named as in `INT`; the JDK can send only TERM and KILL. Does nothing if the
  /// process has ended.
  void signal(String name, ProcessHandle process) throws InterruptedException {
    try {
      if (process.isAlive()) {
        run("", "pg_ctl", "kill", name, Long.toString(process.pid()));
      }
    } catch (IOException e) {
      LOG.debug("cannot send {} to process {}", name, process.pid(), e);
    }
  }

  /// A failure of a program, in terms of what can be done about it.
  ///
  /// @param output what the program wrote
  static IOException failure(String message, String output) {
    if (output.startsWith("unshare:")) {
      return new IOException(
          "PostgreSQL does not run as root, and this machine refuses the user namespace that would"
              + " help (%s); run agent-lab as a plain user, or set database.host (DATABASE_HOST)"
                  .formatted(output.lines().findFirst().orElse(""))
              + " to use a PostgreSQL of your own");
    }
    return new IOException(message);
  }

  private static List<String> prefix() throws IOException {
    List<String> words = new ArrayList<>();
    // A session of its own: Ctrl-C in a terminal reaches this process only, which then stops the
    // server after all that uses it.
    installed("setsid").map(Path::toString).ifPresent(words::add);
    if (new UnixSystem().getUid() == 0) {
      // PostgreSQL refuses to be root. Inside a user namespace it is nobody, and to the kernel
      // still the owner of its files.
      Path unshare =
          installed("unshare")
              .orElseThrow(
                  () -> failure("", "unshare: this program of util-linux is not installed"));
      words.add(unshare.toString());
      words.add("-U");
    }
    return words;
  }

  private static Optional<Path> installed(String program) {
    return Stream.of("/usr/bin", "/bin", "/usr/local/bin", "/usr/sbin", "/sbin")
        .map(folder -> Path.of(folder, program))
        .filter(Files::isExecutable)
        .findFirst();
  }
}
