package dev.agentlab.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// The uses of clients of Anthropic's API. Those that OpenAI's clients have too are checked as in
/// [Scenario].
final class AnthropicScenarios {
  /// The start of a PDF.
  static final String DOCUMENT = "JVBERi0xLjQK";

  /// A feature that the programs ask for.
  static final String BETA = "token-efficient-tools-2025-02-19";

  private static final Set<Target> ALL =
      Set.of(
          Target.ANTHROPIC_DIRECT, Target.ANTHROPIC, Target.OPENAI, Target.GEMINI, Target.BEDROCK);
  private static final Set<Target> AGENT_LAB =
      Set.of(Target.ANTHROPIC, Target.OPENAI, Target.GEMINI, Target.BEDROCK);

  /// The targets whose vendors have errors that Anthropic's documentation does not.
  private static final Set<Target> TRANSLATED =
      Set.of(Target.OPENAI, Target.GEMINI, Target.BEDROCK);

  private static final Set<Target> ANTHROPIC_AND_OPENAI =
      Set.of(Target.ANTHROPIC_DIRECT, Target.ANTHROPIC, Target.OPENAI);
  private static final Set<Target> NOT_BEDROCK =
      Set.of(Target.ANTHROPIC_DIRECT, Target.ANTHROPIC, Target.OPENAI, Target.GEMINI);

  private AnthropicScenarios() {}

  /// All scenarios.
  static List<Scenario> all() {
    List<Scenario> all =
        new ArrayList<>(
            List.of(
                new Scenario("chat", ALL, AnthropicScenarios::checkMessage),
                new Scenario(
                    "length", ALL, it -> it.has("text", "Grü").has("finish", "max_tokens")),
                new Scenario("stream", ALL, it -> checkStream(it).has("ended", true)),
                new Scenario("stream-events", ALL, AnthropicScenarios::checkStreamHelper),
                new Scenario("stream-text", ALL, AnthropicScenarios::checkStreamHelper),
                new Scenario("tools", ALL, Scenario::checkTools),
                new Scenario("parallel", ALL, AnthropicScenarios::checkParallel),
                new Scenario("parallel-stream", ALL, AnthropicScenarios::checkParallel),
                new Scenario("parallel-results", ALL, AnthropicScenarios::checkParallelResults),
                new Scenario("rounds", ALL, AnthropicScenarios::checkRounds),
                new Scenario("rounds-stream", ALL, AnthropicScenarios::checkRounds),
                new Scenario("turns", ALL, AnthropicScenarios::checkTurns),
                new Scenario("turns-stream", ALL, AnthropicScenarios::checkTurns),
                new Scenario("beta", ALL, AnthropicScenarios::checkBeta),
                new Scenario("image", ALL, Scenario::checkImage),
                new Scenario("document", ALL, AnthropicScenarios::checkDocument),
                new Scenario("system", ALL, AnthropicScenarios::checkSystem),
                new Scenario("structured", ALL, Scenario::checkStructured),
                new Scenario("reasoning", ALL, AnthropicScenarios::checkReasoning),
                new Scenario(
                    "reasoning-stream",
                    ALL,
                    it -> {
                      checkReasoning(it);
                      it.has("deltas", 4);
                    }),
                new Scenario("count-tokens", ALL, AnthropicScenarios::checkCount),
                new Scenario("models", NOT_BEDROCK, Scenario::checkModels),
                new Scenario("agent", AGENT_LAB, Scenario::checkAgent),
                new Scenario(
                    "unauthenticated",
                    AGENT_LAB,
                    it -> {
                      Scenario.checkError(it, 401).has("type", "authentication_error");
                      assertThat(it.calls()).isEmpty();
                    }),
                new Scenario(
                    "forbidden",
                    AGENT_LAB,
                    it -> {
                      Scenario.checkError(it, 404).has("type", "not_found_error");
                      assertThat(it.calls()).isEmpty();
                    }),
                new Scenario(
                    "model-not-found",
                    AGENT_LAB,
                    it ->
                        Scenario.checkError(it, 404)
                            .has("type", "not_found_error")
                            .contains("message", "`no-such-model`")),
                error(400, ALL, "invalid_request_error"),
                error(401, ANTHROPIC_AND_OPENAI, "authentication_error"),
                error(403, ALL, "permission_error"),
                error(404, ALL, "not_found_error"),
                error(413, ANTHROPIC_AND_OPENAI, "request_too_large"),
                error(429, ALL, "rate_limit_error"),
                error(500, ALL, "api_error"),
                error(503, TRANSLATED, "overloaded_error"),
                error(529, ANTHROPIC_AND_OPENAI, "overloaded_error"),
                new Scenario("retry-advice", NOT_BEDROCK, Scenario::checkRetryAdvice),
                new Scenario(
                    "no-retry",
                    ANTHROPIC_AND_OPENAI,
                    it -> {
                      Scenario.checkError(it, 500);
                      it.onlyCall();
                    }),
                new Scenario("stream-error", ALL, AnthropicScenarios::checkStreamError)));
    all.addAll(Scenario.interrupted(ALL));
    return List.copyOf(all);
  }

  /// @param type of the error
  private static Scenario error(int status, Set<Target> targets, String type) {
    return new Scenario(
        "error-" + status,
        targets,
        it -> {
          Scenario.checkError(it, status)
              .has("type", type)
              .contains("message", "The mock returns status " + status + ".");
          it.onlyCall();
          if (it.target().isNative(it.client())) {
            it.has("requestId", "req_mock_2");
          }
        });
  }

  private static Observation checkUsage(
      Observation it, int input, int cacheRead, int cacheWrite, int output, int thinking) {
    return it.has(
        "usage",
        Map.of(
            "input", input,
            "cacheRead", cacheRead,
            "cacheWrite", cacheWrite,
            "output", output,
            "thinking", it.client().shows("usage.thinking") ? thinking : 0));
  }

  private static void checkMessage(Observation it) {
    it.has("text", Scenario.TEXT).has("finish", "end_turn").has("calls", List.of());
    checkUsage(it, 9, 0, 0, 12, 0);
    it.onlyCall();
  }

  private static Observation checkStream(Observation it) {
    it.onlyCall();
    return it.has("text", Scenario.TEXT).has("deltas", 4).has("finish", "end_turn");
  }

  private static void checkStreamHelper(Observation it) {
    checkUsage(checkStream(it), 9, 0, 0, 12, 0);
  }

  private static void checkParallel(Observation it) {
    Scenario.checkCalls(it);
    checkUsage(it.has("finish", "tool_use"), 9, 0, 0, 12, 0);
  }

  /// The result of the second tool is an error.
  private static void checkParallelResults(Observation it) {
    Scenario.checkCalls(it);
    it.has("text", Scenario.TEXT);
    assertThat(it.calls()).hasSize(2);
    String sent =
        it.sent("/messages", "/messages/2/content", "/contents/2/parts", "/messages/2/content");
    assertThat(sent).containsSubsequence("17 degrees", "out of time");
    for (String tool : List.of("weather", "time")) {
      assertThat(sent).contains(it.target().toolCallId(tool).orElse("get_" + tool));
    }
    if (it.target().isNative(it.client())) {
      assertThat(sent).contains("\"is_error\":true");
    }
  }

  private static void checkBeta(Observation it) {
    checkMessage(it);
    if (it.target().isNative(it.client())) {
      assertThat(it.onlyCall().request().header("anthropic-beta")).contains(BETA);
    }
  }

  /// The model calls a tool twice, and receives its own thinking with each result.
  private static void checkRounds(Observation it) {
    it.has("text", Scenario.TEXT);
    Scenario.checkCalls(it);
    assertThat(it.calls()).as("calls of the vendor").hasSize(3);
    checkReplay(it, it.calls().get(1).body(), 1, "round-1");
    checkReplay(it, it.calls().get(2).body(), 1, "round-1");
    checkReplay(it, it.calls().get(2).body(), 3, "round-2");
  }

  /// The client continues a conversation in which the model has thought.
  private static void checkTurns(Observation it) {
    it.has("text", Scenario.TEXT);
    assertThat(it.calls()).as("calls of the vendor").hasSize(2);
    checkReplay(it, it.calls().get(1).body(), 1, "reasoning");
  }

  /// Requires that a message of a request is a response of the mock as the vendor wrote it.
  static void checkReplay(Observation it, JsonNode request, int index, String responseName) {
    JsonNode response = response(it, responseName);
    switch (it.target()) {
      case ANTHROPIC_DIRECT, ANTHROPIC ->
          assertThat(request.path("messages").path(index).path("content"))
              .isEqualTo(response.path("content"));
      case BEDROCK ->
          assertThat(request.path("messages").path(index).path("content"))
              .isEqualTo(response.at("/output/message/content"));
      case GEMINI_DIRECT, GEMINI ->
          assertThat(request.path("contents").path(index).findValuesAsString("thoughtSignature"))
              .isNotEmpty()
              .isEqualTo(response.findValuesAsString("thoughtSignature"));
      case OPENAI_DIRECT, OPENAI, OPENAI_CHAT -> {
        JsonNode message = response.at("/choices/0/message");
        assertThat(request.path("messages").path(index).path("content").asString(""))
            .isEqualTo(message.path("content").asString(""));
        assertThat(request.path("messages").path(index).path("tool_calls"))
            .isEqualTo(message.path("tool_calls"));
      }
    }
  }

  /// A response of the mock, with its numbers as the client writes them.
  static JsonNode response(Observation it, String name) {
    String body = new String(MockVendors.file(it.target().vendor(), name).body(), UTF_8);
    return Json.MAPPER.readTree(
        it.client().shows("exact numbers")
            ? body
            : body.replace("12345678901234567890", "12345678901234567000"));
  }

  static void checkDocument(Observation it) {
    it.has("text", Scenario.TEXT);
    String path = "/messages/0/content/1/";
    assertThat(
            it.sent(
                path + "file/file_data",
                path + "source/data",
                "/contents/0/parts/1/inlineData/data",
                path + "document/source/bytes"))
        .contains(DOCUMENT);
  }

  private static void checkSystem(Observation it) {
    String system = it.sent("/messages/0", "/system", "/systemInstruction", "/system");
    assertThat(system).containsSubsequence(Scenario.SYSTEM_PROMPT, "Be brief.");
    if (it.target().isNative(it.client())) {
      assertThat(system).contains("\"cache_control\":{\"type\":\"ephemeral\"}");
    }
  }

  private static void checkReasoning(Observation it) {
    // OpenAI only counts the reasoning.
    it.has("text", Scenario.TEXT)
        .has("reasoning", it.target() == Target.OPENAI ? "" : Scenario.THOUGHT);
    switch (it.target()) {
      // They do not count what is written to the cache.
      case OPENAI, GEMINI -> checkUsage(it, 103, 1000, 0, 20, 12);
      // Bedrock does not count the reasoning.
      case BEDROCK -> checkUsage(it, 3, 1000, 100, 20, 0);
      default -> checkUsage(it, 3, 1000, 100, 20, 12);
    }
  }

  private static void checkStreamError(Observation it) {
    Scenario.checkStreamError(it);
    if (it.target().isNative(it.client())) {
      it.has("type", "overloaded_error");
    }
  }

  private static void checkCount(Observation it) {
    if (it.target().isNative(it.client())) {
      it.has("count", 14);
      it.onlyCall();
    } else {
      assertThat(it.member("count").asInt()).isBetween(20, 200);
      assertThat(it.calls()).isEmpty();
    }
  }
}
