package dev.agentlab.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.json.Json;
import dev.agentlab.server.TestServer;
import dev.agentlab.testing.LockedTools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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

/// Codex with the settings of `connect codex`: a model of each vendor makes it read a file and edit
/// it with a tool that is no function.
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class CodexIT {
  @RegisterExtension private static final TestServer SERVER = new TestServer();

  private static final MockVendors VENDORS = new MockVendors();
  private static final String CLIENT = "codex";

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

  /// Runs Codex with a model.
  private String run(CodingSession session, String model, String... options) throws IOException {
    Path programs = LockedTools.node("codex").resolve("node_modules/.bin").toAbsolutePath();
    // Codex itself is a script for Node.js.
    session.connect(model, programs + ":" + System.getenv("PATH"), options);
    disableTelemetry(session.home().resolve(".codex/config.toml"));
    List<String> command = new ArrayList<>(List.of(programs.resolve("codex").toString(), "exec"));
    command.addAll(List.of("--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox"));
    command.add("Correct note.txt");
    return session.run(Map.of("AGENT_LAB_API_KEY", SERVER.adminKey()), command);
  }

  /// What keeps Codex from calling other services.
  private static void disableTelemetry(Path config) throws IOException {
    Files.writeString(
        config,
        "check_for_update_on_startup = false\n"
            + Files.readString(config)
            + "\n[analytics]\nenabled = false\n");
  }

  @ParameterizedTest
  @EnumSource(names = {"OPENAI", "ANTHROPIC"})
  void codexEditsFileWithAgent(Target target) throws IOException {
    CodingSession session = session();

    String output = run(session, target.agent(CLIENT), "--new-key", "agent-" + target);

    assertThat(output).doesNotContain("warning", "Reconnecting");
    List<MockVendors.Call> calls = session.calls(target, CLIENT);
    assertThat(calls).hasSize(3);
    if (target == Target.OPENAI) {
      checkSentToOpenAi(calls.getLast());
    } else {
      checkSentToAnthropic(calls.getLast().body());
    }
  }

  private static void checkSentToOpenAi(MockVendors.Call call) {
    assertThat(call.request().requestLine()).contains("/openai/v1/responses");
    assertThat(call.request().header("originator")).contains("codex_exec");
    assertThat(call.request().header("session-id")).isPresent();
    assertThat(call.request().header("x-codex-turn-metadata")).isPresent();
    JsonNode body = call.body();
    assertThat(members(body.path("tools"), "type"))
        .contains("function", "custom", "namespace")
        .doesNotContain("web_search");
    JsonNode input = body.path("input");
    assertThat(input.findValuesAsString("encrypted_content"))
        .containsExactly(
            "gAAAAABoISQ24OyVRYbkYfukdJoqdzWT-3uiErKInHDC-lgAaXeky44N77j7aibc",
            "gAAAAABoISQ24OyVRYbkYfukdJoqdzWT-4uiErKInHDC-lgAaXeky44N77j7aibd");
    assertThat(input.findValuesAsString("call_id"))
        .containsExactly("call_read", "call_read", "call_patch", "call_patch");
    assertThat(output(input, "function_call_output")).contains("Hello wrold");
    assertThat(output(input, "custom_tool_call_output")).contains("M note.txt");
  }

  private static List<String> members(JsonNode list, String name) {
    return list.valueStream().map(it -> it.path(name).asString("")).toList();
  }

  private static String output(JsonNode input, String type) {
    return input
        .valueStream()
        .filter(item -> item.path("type").asString("").equals(type))
        .map(item -> item.path("output").toString())
        .findFirst()
        .orElse("");
  }

  private static void checkSentToAnthropic(JsonNode body) {
    assertThat(body.path("system").toString()).contains("You are Codex");
    assertThat(members(body.path("tools"), "name"))
        .contains("exec_command", "apply_patch", "multi_agent_v1__spawn_agent");
    JsonNode messages = body.path("messages");
    assertThat(messages.findValuesAsString("signature"))
        .containsExactly(
            "EqQBCgIYAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl1pkiMOYds1",
            "EqQBCgIYAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl1pkiMOYds2");
    assertThat(messages.findValuesAsString("tool_use_id"))
        .containsExactly("toolu_read", "toolu_patch");
    assertThat(messages.toString()).contains("Hello wrold", "M note.txt");
    assertThat(messages.findValues("input").toString())
        .contains("\"cmd\":\"cat note.txt\"", "\"input\":\"*** Begin Patch\\n");
  }

  /// The key is in the environment, and the catalog has every model.
  @ParameterizedTest
  @EnumSource(names = {"OPENAI", "ANTHROPIC"})
  void brokenStreamIsRepeated(Target target) throws IOException {
    String scenario = "codex-after-cut";
    CodingSession session = session();

    String output = run(session, target.modelOfClient(CLIENT, scenario));

    assertThat(output).contains("Reconnecting");
    assertThat(session.calls(target, scenario)).hasSize(4);
    JsonNode catalog =
        Json.MAPPER.readTree(
            Files.readString(session.home().resolve(".codex/agent-lab-models.json")));
    assertThat(catalog.path("models").findValuesAsString("slug"))
        .contains(target.agent(CLIENT), target.modelOfClient(CLIENT, scenario));
  }

  @Test
  void limitedCallIsRepeatedAfterTheAdvisedTime() throws IOException {
    CodingSession session = session();

    String output =
        run(
            session,
            Target.OPENAI.modelOfClient(CLIENT, "codex-after-limit"),
            "--new-key",
            "limited");

    assertThat(output).contains("Reconnecting");
    session.checkPause(Target.OPENAI);
  }
}
