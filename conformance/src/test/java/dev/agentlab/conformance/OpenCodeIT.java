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
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/// OpenCode with the settings of `connect opencode`: a model of each vendor makes it read a file
/// and edit it.
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class OpenCodeIT {
  @RegisterExtension private static final TestServer SERVER = new TestServer();

  private static final MockVendors VENDORS = new MockVendors();
  private static final String CLIENT = "opencode";

  /// What keeps OpenCode from calling other services.
  private static final Map<String, String> OFFLINE =
      Map.of(
          "OPENCODE_DISABLE_AUTOUPDATE", "true",
          "OPENCODE_DISABLE_DEFAULT_PLUGINS", "true",
          "OPENCODE_DISABLE_LSP_DOWNLOAD", "true",
          "OPENCODE_DISABLE_MODELS_FETCH", "true");

  @TempDir private Path folder;

  @BeforeAll
  static void addProviders() {
    CodingSession.addProvider(SERVER, VENDORS, CLIENT, Target.OPENAI);
    CodingSession.addProvider(SERVER, VENDORS, CLIENT, Target.ANTHROPIC);
  }

  @AfterAll
  static void closeVendors() throws IOException {
    VENDORS.close();
  }

  private CodingSession session() {
    return new CodingSession(SERVER, VENDORS, CLIENT, folder);
  }

  private static void run(CodingSession session, String model, String key) throws IOException {
    Path program = program(LockedTools.node("opencode").resolve("node_modules"));
    session.connect(model, "", "--new-key", key);
    // Without a title, it calls the model for one.
    session.run(
        OFFLINE,
        List.of(program.toString(), "run", "--auto", "--title", "Correction", "Correct note.txt"));
  }

  /// The program for this system.
  private static Path program(Path packages) throws IOException {
    try (Stream<Path> folders = Files.list(packages)) {
      return folders
          .map(it -> it.resolve("bin/opencode").toAbsolutePath())
          .filter(Files::isExecutable)
          .findFirst()
          .orElseThrow();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"OPENAI", "ANTHROPIC"})
  void openCodeEditsFile(Target target) throws IOException {
    CodingSession session = session();

    run(session, target.agent(CLIENT), "agent-" + target);

    List<MockVendors.Call> calls = session.calls(target, CLIENT);
    assertThat(calls).hasSize(3);
    JsonNode body = calls.getLast().body();
    if (target == Target.OPENAI) {
      assertThat(calls.getLast().request().requestLine()).contains("/openai/v1/responses");
      assertThat(body.path("input").findValuesAsString("call_id"))
          .containsExactly("call_read", "call_read", "call_edit", "call_edit");
    } else {
      assertThat(body.path("messages").findValuesAsString("tool_use_id"))
          .containsExactly("toolu_read", "toolu_edit");
      assertThat(body.path("messages").findValuesAsString("signature")).hasSize(2);
    }
    assertThat(body.toString()).contains("Hello wrold", "Edit applied successfully.");
  }

  @ParameterizedTest
  @EnumSource(names = {"OPENAI", "ANTHROPIC"})
  void brokenStreamIsRepeated(Target target) throws IOException {
    String scenario = "opencode-after-cut";
    CodingSession session = session();

    run(session, target.modelOfClient(CLIENT, scenario), "cut-" + target);

    assertThat(session.calls(target, scenario)).hasSize(4);
  }

  @Test
  void limitedCallIsRepeatedAfterTheAdvisedTime() throws IOException {
    CodingSession session = session();

    run(session, Target.OPENAI.modelOfClient(CLIENT, "opencode-after-limit"), "limited");

    session.checkPause(Target.OPENAI);
  }
}
