package dev.agentlab.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.json.Json;
import dev.agentlab.server.TestClient;
import dev.agentlab.server.TestServer;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Claude Code's session with a provider of Anthropic, and with those of other vendors.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClaudeCodeIT {
  @RegisterExtension private final TestServer server = new TestServer();
  private final MockVendors vendors = new MockVendors();

  @BeforeAll
  void addProviders() {
    TestClient client = TestClient.of(server.url()).as(server.adminKey());
    for (Target target : Target.values()) {
      if (!target.isDirect()) {
        ConformanceServer.create(
            client, "/api/providers", target.toString(), target.config(vendors));
      }
    }
  }

  @AfterAll
  void closeVendors() throws IOException {
    vendors.close();
  }

  private ClaudeCodeSession session(Target target, String scenario) {
    return new ClaudeCodeSession(
        server.url(), server.adminKey(), target.modelOfClient("claude-code", scenario));
  }

  private List<MockVendors.Call> calls(Target target, String scenario) {
    return vendors.calls(target.model("claude-code", scenario));
  }

  private static JsonNode json(HttpResponse<String> response) {
    return Json.MAPPER.readTree(response.body());
  }

  @Test
  void startupFindsTheServiceAndItsModels() throws Exception {
    try (ClaudeCodeSession session = session(Target.ANTHROPIC, "chat")) {
      for (String path : List.of("/", "/api/hello")) {
        HttpResponse<String> probe = session.probe("HEAD", path);
        assertThat(probe.statusCode()).isEqualTo(200);
        assertThat(probe.body()).isEmpty();
      }
      HttpResponse<String> models = session.probe("GET", "/v1/models?limit=1000");
      assertThat(models.statusCode()).isEqualTo(200);
      assertThat(json(models).path("has_more").asBoolean(true)).isFalse();
      assertThat(json(models).path("data").valueStream())
          .anyMatch(model ->
              model.path("id").asString().equals("anthropic/claude-sonnet-4-5")
                  && !model.path("display_name").asString("").isEmpty());
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"ANTHROPIC", "OPENAI", "GEMINI"})
  void threeRoundsOfToolsKeepWhatTheVendorNeeds(Target target) throws Exception {
    String scenario = "rounds-stream";
    try (ClaudeCodeSession session = session(target, scenario)) {
      ClaudeCodeSession.Turn first = session.ask("How is the weather?");
      assertThat(first.stopReason()).isEqualTo("tool_use");
      assertThat(names(first)).containsExactly("get_weather");
      assertThat(first.toolCalls().getFirst().at("/input/city").asString()).isEqualTo("Zürich");
      checkUsage(first);

      ClaudeCodeSession.Turn second = session.answerTools(first, "17 degrees");
      assertThat(names(second)).containsExactly("get_time");

      ClaudeCodeSession.Turn third = session.answerTools(second, "12:30");
      assertThat(third.stopReason()).isEqualTo("end_turn");
      assertThat(third.content().findValuesAsString("text")).containsExactly(Scenario.TEXT);
      checkWarnings(target, third.warnings());

      List<MockVendors.Call> calls = calls(target, scenario);
      assertThat(calls).hasSize(3);
      JsonNode sent = calls.getLast().body();
      switch (target) {
        case ANTHROPIC -> checkSentToAnthropic(calls, first, second);
        case OPENAI -> checkSentToOpenAi(sent);
        default -> checkSentToGemini(sent);
      }
    }
  }

  private static List<String> names(ClaudeCodeSession.Turn turn) {
    return turn.toolCalls().stream().map(it -> it.path("name").asString()).toList();
  }

  private static void checkUsage(ClaudeCodeSession.Turn turn) {
    assertThat(turn.usage().path("input_tokens").asInt()).isEqualTo(9);
    assertThat(turn.usage().path("output_tokens").asInt()).isEqualTo(12);
    assertThat(turn.usage().path("cache_read_input_tokens").asInt(-1)).isZero();
  }

  private static void checkWarnings(Target target, Optional<String> warnings) {
    if (target == Target.ANTHROPIC) {
      assertThat(warnings).isEmpty();
    } else {
      assertThat(warnings.orElse(""))
          .contains("cache_control", "context_management")
          // It warns of each marker, and the header fields of a response have a limit.
          .hasSizeLessThan(4_000);
    }
  }

  private static void checkSentToAnthropic(
      List<MockVendors.Call> calls, ClaudeCodeSession.Turn first, ClaudeCodeSession.Turn second) {
    for (MockVendors.Call call : calls) {
      assertThat(call.request().requestLine()).contains("/v1/messages");
      assertThat(call.request().header("anthropic-beta")).contains(ClaudeCodeSession.BETA);
      assertThat(call.request().header("anthropic-version")).contains("2023-06-01");
      assertThat(call.request().header("x-api-key")).contains(MockVendors.KEY);
      assertThat(call.request().head()).noneMatch(field -> field.contains("agl_key_"));
    }
    JsonNode sent = calls.getLast().body();
    // Thinking and its signatures as the vendor wrote them.
    assertThat(sent.at("/messages/1/content")).isEqualTo(first.content());
    assertThat(sent.at("/messages/3/content")).isEqualTo(second.content());
    assertThat(first.content().findValuesAsString("signature"))
        .containsExactly("EqQBCgIYAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl1pkiMOYds");
    assertThat(second.content().get(0).path("type").asString()).isEqualTo("redacted_thinking");
    assertThat(sent.at("/system/1/cache_control/ttl").asString()).isEqualTo("1h");
    assertThat(sent.at("/messages/4/content/0/cache_control/type").asString())
        .isEqualTo("ephemeral");
    assertThat(sent.at("/metadata/user_id").asString()).isEqualTo(ClaudeCodeSession.USER_ID);
    assertThat(sent.at("/context_management/edits/0/type").asString())
        .isEqualTo("clear_thinking_20251015");
    assertThat(sent.at("/thinking/budget_tokens").asInt()).isEqualTo(31_999);
  }

  private static void checkSentToOpenAi(JsonNode sent) {
    assertThat(sent.toString()).doesNotContain("cache_control", "context_management", "thinking");
    assertThat(sent.at("/messages/0/content").toString())
        .containsSubsequence(ClaudeCodeSession.INSTRUCTIONS, "Be brief.");
    assertThat(sent.path("messages").findValuesAsString("tool_call_id"))
        .containsExactly("call_weather", "call_time");
    assertThat(sent.path("messages").toString()).contains("17 degrees", "12:30");
    assertThat(sent.path("tools").size()).isEqualTo(2);
    assertThat(sent.path("stream_options").path("include_usage").asBoolean()).isTrue();
  }

  private static void checkSentToGemini(JsonNode sent) {
    assertThat(sent.toString()).doesNotContain("cache_control", "context_management");
    assertThat(sent.path("systemInstruction").toString())
        .containsSubsequence(ClaudeCodeSession.INSTRUCTIONS, "Be brief.");
    assertThat(sent.path("contents").findValuesAsString("thoughtSignature"))
        .containsExactly("c2ln+mF0dX/lIDE=", "c2lnbmF0dXJlIDI=");
    assertThat(sent.path("contents").findValues("functionResponse").toString())
        .containsSubsequence("get_weather", "17 degrees", "get_time", "12:30");
    assertThat(sent.at("/generationConfig/thinkingConfig/thinkingBudget").asInt())
        .isEqualTo(31_999);
  }

  @ParameterizedTest
  @EnumSource(names = {"ANTHROPIC", "OPENAI", "GEMINI"})
  void tokensOfTheConversationAreCounted(Target target) throws Exception {
    try (ClaudeCodeSession session = session(target, "count-tokens")) {
      HttpResponse<String> counted = session.countTokens("Hello");

      assertThat(counted.statusCode()).as(counted.body()).isEqualTo(200);
      if (target == Target.ANTHROPIC) {
        assertThat(json(counted).path("input_tokens").asInt()).isEqualTo(14);
        assertThat(calls(target, "count-tokens").getFirst().request().header("anthropic-beta"))
            .contains(ClaudeCodeSession.BETA);
      } else {
        assertThat(json(counted).path("input_tokens").asInt()).isPositive();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"ANTHROPIC", "OPENAI", "GEMINI", "BEDROCK"})
  void overflowIsRecognized(Target target) throws Exception {
    try (ClaudeCodeSession session = session(target, "overflow")) {
      HttpResponse<String> response = session.send("Hello");

      assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
      assertThat(json(response).path("type").asString()).isEqualTo("error");
      assertThat(json(response).at("/error/type").asString()).isEqualTo("invalid_request_error");
      assertThat(json(response).at("/error/message").asString())
          .startsWith("prompt is too long")
          .containsOnlyOnce("prompt is too long");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"error-400", "error-401", "error-413", "error-429", "error-529", "overflow"})
  void errorsOfAnthropicPassAsTheyAre(String scenario) throws Exception {
    try (ClaudeCodeSession session = session(Target.ANTHROPIC, scenario)) {
      HttpResponse<String> response = session.send("Hello");

      MockMessage original = MockVendors.file("anthropic", scenario);
      assertThat(response.body()).isEqualTo(new String(original.body(), UTF_8));
      assertThat(original.head().getFirst()).contains(" " + response.statusCode() + " ");
      assertThat(response.headers().firstValue("request-id")).contains("req_mock_2");
    }
  }

  /// A user continues a conversation with a model of another vendor.
  @Test
  void conversationContinuesWithAnotherVendor() throws Exception {
    try (ClaudeCodeSession gemini = session(Target.GEMINI, "turns-stream")) {
      var _ = gemini.ask("Hello");
      try (ClaudeCodeSession claude =
          gemini.withModel(Target.ANTHROPIC.modelOfClient("claude-code", "turns-stream"))) {
        ClaudeCodeSession.Turn turn = claude.ask("And now?");

        assertThat(turn.stopReason()).isEqualTo("end_turn");
        JsonNode sent = calls(Target.ANTHROPIC, "turns-stream").getFirst().body();
        assertThat(sent.at("/messages/1/content").findValuesAsString("type")).containsOnly("text");
      }
    }
  }
}
