package dev.agentlab.postgres;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Another process that starts an embedded server and runs it until it is closed or killed.
///
/// @param result the first line of its result: `started…` or `failed: …`
record OtherJvm(Process process, String result) implements AutoCloseable {

  /// Starts the process and waits for its result.
  ///
  /// @param prefix the command before `java`, such as a program that changes the user
  /// @param folder the working directory
  static OtherJvm start(List<String> prefix, String classPath, Path folder, Path dataDir)
      throws IOException {
    return start(prefix, classPath, folder, List.of(dataDir.toString()));
  }

  private static OtherJvm start(
      List<String> prefix, String classPath, Path folder, List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>(prefix);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", classPath, OtherJvm.class.getName()));
    command.addAll(arguments);
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    String line = lines.readLine();
    while (line != null && !line.startsWith("started") && !line.startsWith("failed")) {
      line = lines.readLine();
    }
    return new OtherJvm(process, String.valueOf(line));
  }

  static OtherJvm start(Path dataDir) throws IOException {
    return start(
        List.of(), System.getProperty("java.class.path"), Path.of("").toAbsolutePath(), dataDir);
  }

  /// Starts a process whose server runs on a draft.
  static OtherJvm startDraft(Path dataDir) throws IOException {
    return start(
        List.of(),
        System.getProperty("java.class.path"),
        Path.of("").toAbsolutePath(),
        List.of(dataDir.toString(), "draft"));
  }

  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /// Stops the server and waits for the process to exit.
  @Override
  public void close() throws IOException {
    process.getOutputStream().close();
    process.onExit().join();
  }

  /// Starts a server on the data folder given as the first argument, on a draft if there is a
  /// second.
  public static void main(String[] arguments) throws Exception {
    EmbeddedPostgres server = TestServers.server(Path.of(arguments[0]));
    try {
      if (arguments.length == 1) {
        server.start();
      } else {
        server.startDraft();
      }
      System.out.println("started on port " + server.access().port());
      System.in.read();
      server.stop(Duration.ofSeconds(5));
    } catch (IOException e) {
      System.out.println("failed: " + e.getMessage());
    }
  }
}
