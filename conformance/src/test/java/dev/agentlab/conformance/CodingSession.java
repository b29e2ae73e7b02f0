package dev.agentlab.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.cli.CommandRun;
import dev.agentlab.server.TestClient;
import dev.agentlab.server.TestServer;
import dev.agentlab.testing.LockedTools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A session of a coding agent with the settings that `connect` writes. Models make it read a file
/// with an error, correct that, and end.
///
/// @param client the name of the program for `connect`, and of the scenario
/// @param folder empty; for its settings and the file
record CodingSession(TestServer server, MockVendors vendors, String client, Path folder) {
  /// The models that a mock has for each program: one that does what is asked, one whose first
  /// stream breaks, and one whose first call has to wait.
  private static final List<String> SCENARIOS = List.of("", "-after-cut", "-after-limit");

  /// Adds a provider with these models, and an agent.
  static void addProvider(TestServer server, MockVendors vendors, String client, Target target) {
    TestClient api = TestClient.of(server.url()).as(server.adminKey());
    String models =
        SCENARIOS.stream()
            .map(end -> "\"" + target.model(client, client + end) + "\"")
            .collect(Collectors.joining(", "));
    ConformanceServer.create(
        api,
        "/api/providers",
        target.toString(),
        target
            .config(vendors)
            .replace("\"options\": {", "\"options\": {\"models\": [" + models + "], "));
    ConformanceServer.create(
        api,
        "/api/agents",
        target.agent(client),
        "{\"provider\": \"%s\", \"model\": {\"name\": \"%s\", \"capabilities\": {\"chat\": {}}}}"
            .formatted(target, target.model(client, client)));
  }

  /// The folder of the user.
  Path home() {
    return folder.resolve("home");
  }

  /// The file with the error.
  Path file() {
    return folder.resolve("project").resolve("note.txt");
  }

  /// Writes the settings, as a user does.
  ///
  /// @param path where programs are searched
  void connect(String model, String path, String... options) throws IOException {
    CommandRun run =
        CommandRun.With.directory(Files.createDirectories(home()))
            .environment("AGENT_LAB_URL", server.url().toString())
            .environment("AGENT_LAB_KEY", server.adminKey())
            .environment("HOME", home().toString())
            .environment("PATH", path)
            .run(
                Stream.concat(
                        Stream.of("connect", client, "--model", model, "--write"),
                        Stream.of(options))
                    .toArray(String[]::new));
    assertThat(run.code()).as(run.err()).isZero();
  }

  /// Runs the program, and requires that the file is correct after that.
  ///
  /// @return the output
  String run(Map<String, String> environment, List<String> command) throws IOException {
    Path project = Files.createDirectories(folder.resolve("project"));
    Files.writeString(file(), "Hello wrold\n");
    Map<String, String> all = new HashMap<>(environment);
    all.put("HOME", home().toString());
    // OpenCode reads it, as a shell sets it.
    all.put("PWD", project.toString());
    String output = LockedTools.run(project, all, command);
    assertThat(file()).as(output).content().isEqualTo("Hello world\n");
    assertThat(output).contains("Corrected\u2028note.txt 👋.");
    return output;
  }

  /// The calls that a vendor received, none with the key of the client.
  List<MockVendors.Call> calls(Target target, String scenario) {
    List<MockVendors.Call> calls = vendors.calls(target.model(client, scenario));
    calls.forEach(call ->
        assertThat(call.request().head())
            .anyMatch(field -> field.contains(MockVendors.KEY))
            .noneMatch(field -> field.contains("agl_key_")));
    return calls;
  }

  /// Requires that the second call came after the time that the first response advised.
  void checkPause(Target target) {
    List<MockVendors.Call> calls = calls(target, client + "-after-limit");
    assertThat(calls).hasSize(4);
    assertThat(Duration.ofNanos(calls.get(1).nanoTime() - calls.getFirst().nanoTime()))
        .isBetween(Duration.ofMillis(1_400), Duration.ofSeconds(10));
  }
}
