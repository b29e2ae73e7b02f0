package dev.agentlab.conformance;

import static org.assertj.core.api.Assertions.assertThat;

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
  private static final String CLIENT = "gemini";

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
    CodingSession.addProvider(SERVER, VENDORS, CLIENT, target);
    CodingSession session = new CodingSession(SERVER, VENDORS, CLIENT, folder);
    Path settings = session.home().resolve(".gemini");
    Files.writeString(Files.createDirectories(settings).resolve("settings.json"), OFFLINE_SETTINGS);
    session.connect(target.agent(CLIENT), "", "--new-key", "cli-" + target);

    session.run(
        Map.of("GEMINI_CLI_SYSTEM_SETTINGS_PATH", "/nonexistent"),
        List.of(
            "node",
            tool.resolve("node_modules/@google/gemini-cli/bundle/gemini.js").toString(),
            "--prompt",
            "Correct note.txt",
            "--approval-mode",
            "yolo",
            "--skip-trust"));

    List<MockVendors.Call> calls = session.calls(target, CLIENT);
    assertThat(calls).hasSize(3);
    JsonNode body = calls.getLast().body();
    checkResults(target, body);
    // The parameters of Google's models.
    assertThat(body.has("temperature") || body.has("top_p")).as("sampling in %s", body).isFalse();
    assertThat(body.path("generationConfig").has("temperature")).isFalse();
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
