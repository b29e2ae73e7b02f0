package dev.agentlab.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.agentlab.server.TestServer;
import dev.agentlab.testing.LockedTools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/// Cline with the settings of `connect cline`: a model of each vendor makes it read a file and edit
/// it.
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class ClineIT {
  @RegisterExtension private static final TestServer SERVER = new TestServer();

  private static final MockVendors VENDORS = new MockVendors();
  private static final String CLIENT = "cline";

  /// What keeps Cline from calling other services, and from leaving a process behind.
  private static final Map<String, String> OFFLINE =
      Map.of("CLINE_NO_AUTO_UPDATE", "1", "CLINE_SESSION_BACKEND_MODE", "local");

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
    Path program = LockedTools.node("cline").resolve("node_modules/.bin/cline").toAbsolutePath();
    session.connect(model, "", "--new-key", key);
    Files.writeString(
        session.home().resolve(".cline/data/settings/global-settings.json"),
        "{\"telemetryOptOut\": true}");
    session.run(OFFLINE, List.of(program.toString(), "--auto-approve", "true", "Correct note.txt"));
  }

  @ParameterizedTest
  @EnumSource(names = {"OPENAI", "ANTHROPIC"})
  void clineEditsFile(Target target) throws IOException {
    CodingSession session = session();

    run(session, target.agent(CLIENT), "agent-" + target);

    List<MockVendors.Call> calls = session.calls(target, CLIENT);
    assertThat(calls).hasSize(3);
    JsonNode body = calls.getLast().body();
    if (target == Target.OPENAI) {
      assertThat(calls.getLast().request().requestLine()).contains("/openai/v1/chat/completions");
      assertThat(body.path("messages").findValuesAsString("tool_call_id"))
          .containsExactly("call_read", "call_edit");
    } else {
      assertThat(body.path("messages").findValuesAsString("tool_use_id"))
          .containsExactly("toolu_read", "toolu_edit");
    }
    assertThat(body.path("messages").toString()).contains("Hello wrold", "Hello world");
  }

  /// Cline repeats no call whose response has begun.
  @ParameterizedTest
  @EnumSource(names = {"OPENAI", "ANTHROPIC"})
  void brokenStreamIsReported(Target target) {
    String scenario = "cline-after-cut";
    CodingSession session = session();

    assertThatIOException()
        .isThrownBy(() -> run(session, target.modelOfClient(CLIENT, scenario), "cut-" + target))
        .withMessageContaining("no complete response from the provider");

    assertThat(session.calls(target, scenario)).hasSize(1);
  }

  @Test
  void limitedCallIsRepeatedAfterTheAdvisedTime() throws IOException {
    CodingSession session = session();

    run(session, Target.OPENAI.modelOfClient(CLIENT, "cline-after-limit"), "limited");

    session.checkPause(Target.OPENAI);
  }
}
