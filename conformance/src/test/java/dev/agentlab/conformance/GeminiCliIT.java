package dev.agentlab.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.cli.CommandRun;
import dev.agentlab.server.TestClient;
import dev.agentlab.server.TestServer;
import dev.agentlab.testing.LockedTools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/// Gemini CLI with the settings of `connect gemini`: a model of each vendor makes it read a file
/// and edit it.
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class GeminiCliIT {
  @RegisterExtension private static final TestServer SERVER = new TestServer();

  private static final MockVendors VENDORS = new MockVendors();

  /// What keeps Gemini CLI from calling other services.
  private static final String OFFLINE_SETTINGS =
      """
      {"general": {"enableAutoUpdate": false, "enableAutoUpdateNotification": false},
       "privacy": {"usageStatisticsEnabled": false}, "telemetry": {"enabled": false}}
      """;

  @TempDir private Path folder;

  @AfterAll
  static void closeVendors() throws IOException {
    VENDORS.close();
  }

  @ParameterizedTest
  @EnumSource(names = {"GEMINI", "OPENAI", "ANTHROPIC"})
  void geminiCliEditsFile(Target target) throws IOException {
    Path tool = LockedTools.node("gemini-cli").toAbsolutePath();
    String upstreamModel = target.model("gemini-cli", "edit");
    addAgent(target, upstreamModel);
    Path home = Files.createDirectories(folder.resolve("home"));
    connect(home, target.agent("gemini-cli"));
    Path project = Files.createDirectories(folder.resolve("project"));
    Path file = Files.writeString(project.resolve("note.txt"), "Hello wrold\n");

    // It fails unless the exit code is 0.
    String output =
        LockedTools.run(
            project,
            Map.of("HOME", home.toString(), "GEMINI_CLI_SYSTEM_SETTINGS_PATH", "/nonexistent"),
            List.of(
                "node",
                tool.resolve("node_modules/@google/gemini-cli/bundle/gemini.js").toString(),
                "--prompt",
                "Correct note.txt",
                "--approval-mode",
                "yolo",
                "--skip-trust"));

    assertThat(output).contains("Corrected\u2028note.txt 👋.");
    assertThat(file).content().isEqualTo("Hello world\n");
    List<MockVendors.Call> calls = VENDORS.calls(upstreamModel);
    assertThat(calls).hasSize(3);
    calls.forEach(call ->
        assertThat(call.request().head())
            .anyMatch(field -> field.contains(MockVendors.KEY))
            .noneMatch(field -> field.contains("agl_key_")));
    JsonNode body = calls.getLast().body();
    checkResults(target, body);
    // The parameters of Google's models.
    assertThat(body.has("temperature") || body.has("top_p")).as("sampling in %s", body).isFalse();
    assertThat(body.path("generationConfig").has("temperature")).isFalse();
  }

  private static void addAgent(Target target, String upstreamModel) {
    TestClient client = TestClient.of(SERVER.url()).as(SERVER.adminKey());
    ConformanceServer.create(client, "/api/providers", target.toString(), target.config(VENDORS));
    ConformanceServer.create(
        client,
        "/api/agents",
        target.agent("gemini-cli"),
        "{\"provider\": \"%s\", \"model\": {\"name\": \"%s\", \"capabilities\": {\"chat\": {}}}}"
            .formatted(target, upstreamModel));
  }

  /// Writes the settings, as a user does.
  private static void connect(Path home, String model) throws IOException {
    Files.writeString(
        Files.createDirectories(home.resolve(".gemini")).resolve("settings.json"),
        OFFLINE_SETTINGS);
    CommandRun run =
        CommandRun.With.directory(home)
            .environment("AGENT_LAB_URL", SERVER.url().toString())
            .environment("AGENT_LAB_KEY", SERVER.adminKey())
            .environment("HOME", home.toString())
            .run("connect", "gemini", "--model", model, "--new-key", "cli-" + model, "--write");
    assertThat(run.code()).as(run.err()).isZero();
  }

  /// Requires that the vendor received both results, and what it signed.
  private static void checkResults(Target target, JsonNode body) {
    String read = "Hello wrold";
    switch (target) {
      case GEMINI -> {
        assertThat(body.at("/contents/2/parts/0/functionResponse").toString())
            .contains("read_file", read);
        assertThat(body.at("/contents/4/parts/0/functionResponse").toString())
            .contains("replace", "note.txt");
        assertThat(body.path("contents").findValuesAsString("thoughtSignature"))
            .containsExactly("c2lnbmF0dXJlIDE=", "c2lnbmF0dXJlIDI=");
      }
      case OPENAI -> {
        JsonNode messages = body.path("messages");
        assertThat(messages.findValuesAsString("tool_call_id"))
            .containsExactly("call_read", "call_replace");
        assertThat(messages.toString()).contains(read);
      }
      default -> {
        JsonNode messages = body.path("messages");
        assertThat(messages.findValuesAsString("tool_use_id"))
            .containsExactly("toolu_read", "toolu_replace");
        assertThat(messages.toString()).contains(read);
        assertThat(messages.findValuesAsString("signature"))
            .containsExactly(
                "EqQBCgIYAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl1pkiMOYds1",
                "EqQBCgIYAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl1pkiMOYds2");
      }
    }
  }
}
