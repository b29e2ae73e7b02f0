package dev.agentlab.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.json.Json;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The uses of clients of Google's Gemini API. Those that other clients have too are checked as in
/// [Scenario] and [AnthropicScenarios].
final class GeminiScenarios {
  private static final Set<Target> ALL =
      Set.of(Target.GEMINI_DIRECT, Target.GEMINI, Target.OPENAI, Target.ANTHROPIC, Target.BEDROCK);
  private static final Set<Target> AGENT_LAB =
      Set.of(Target.GEMINI, Target.OPENAI, Target.ANTHROPIC, Target.BEDROCK);
  private static final Set<Target> NATIVE = Set.of(Target.GEMINI_DIRECT, Target.GEMINI);
  private static final Set<Target> EMBEDDING =
      Set.of(Target.GEMINI_DIRECT, Target.GEMINI, Target.OPENAI);
  private static final Set<Target> OPENAI_AND_ANTHROPIC = Set.of(Target.OPENAI, Target.ANTHROPIC);
  private static final Set<Target> NOT_BEDROCK =
      Set.of(Target.GEMINI_DIRECT, Target.GEMINI, Target.OPENAI, Target.ANTHROPIC);

  /// A stream that passes, and one that is translated.
  private static final Set<Target> IDLE = Set.of(Target.GEMINI, Target.ANTHROPIC);

  private GeminiScenarios() {}

  /// All scenarios.
  static List<Scenario> all() {
    List<Scenario> all =
        new ArrayList<>(
            List.of(
                new Scenario(
                    "chat",
                    ALL,
                    it -> {
                      it.has("text", Scenario.TEXT).has("finish", "STOP").has("calls", List.of());
                      checkUsage(it, 9, 0, 12, 0).onlyCall();
                    }),
                new Scenario(
                    "length", ALL, it -> it.has("text", "Grü").has("finish", "MAX_TOKENS")),
                new Scenario("stream", ALL, GeminiScenarios::checkStream),
                new Scenario("idle", IDLE, GeminiScenarios::checkStream),
                new Scenario("tools", ALL, Scenario::checkTools),
                new Scenario("automatic", ALL, GeminiScenarios::checkAutomaticCalls),
                new Scenario("parallel", ALL, GeminiScenarios::checkParallel),
                new Scenario("parallel-stream", ALL, GeminiScenarios::checkParallel),
                new Scenario("parallel-results", ALL, GeminiScenarios::checkParallelResults),
                new Scenario("rounds", ALL, GeminiScenarios::checkRounds),
                new Scenario("rounds-stream", ALL, GeminiScenarios::checkRounds),
                new Scenario("session", ALL, GeminiScenarios::checkRounds),
                new Scenario("session-stream", ALL, GeminiScenarios::checkRounds),
                new Scenario("turns", ALL, GeminiScenarios::checkTurns),
                new Scenario("turns-stream", ALL, GeminiScenarios::checkTurns),
                new Scenario("image", ALL, GeminiScenarios::checkImage),
                new Scenario("document", ALL, AnthropicScenarios::checkDocument),
                new Scenario("system", ALL, GeminiScenarios::checkSystem),
                new Scenario("structured", ALL, GeminiScenarios::checkStructured),
                new Scenario("structured-json", ALL, GeminiScenarios::checkStructured),
                new Scenario("reasoning", ALL, GeminiScenarios::checkReasoning),
                new Scenario(
                    "reasoning-stream",
                    ALL,
                    it -> {
                      checkReasoning(it);
                      it.has("deltas", 4);
                    }),
                new Scenario("count-tokens", ALL, GeminiScenarios::checkCount),
                new Scenario("embeddings", EMBEDDING, GeminiScenarios::checkEmbeddings),
                new Scenario("models", NOT_BEDROCK, GeminiScenarios::checkModels),
                new Scenario("agent", AGENT_LAB, Scenario::checkAgent),
                new Scenario("unknown-members", NATIVE, GeminiScenarios::checkUnknownMembers),
                new Scenario(
                    "unauthenticated",
                    AGENT_LAB,
                    it -> {
                      Scenario.checkError(it, 401).has("code", "UNAUTHENTICATED");
                      assertThat(it.calls()).isEmpty();
                    }),
                new Scenario(
                    "forbidden",
                    AGENT_LAB,
                    it -> {
                      Scenario.checkError(it, 404).has("code", "NOT_FOUND");
                      assertThat(it.calls()).isEmpty();
                    }),
                new Scenario(
                    "model-not-found",
                    AGENT_LAB,
                    it ->
                        Scenario.checkError(it, 404)
                            .has("code", "NOT_FOUND")
                            .contains("message", "`no-such-model`")),
                error(400, ALL, "INVALID_ARGUMENT"),
                error(401, NOT_BEDROCK, "UNAUTHENTICATED"),
                error(403, ALL, "PERMISSION_DENIED"),
                error(404, ALL, "NOT_FOUND"),
                error(413, OPENAI_AND_ANTHROPIC, "INVALID_ARGUMENT"),
                error(429, ALL, "RESOURCE_EXHAUSTED"),
                error(500, ALL, "INTERNAL"),
                error(503, ALL, "UNAVAILABLE"),
                error(529, OPENAI_AND_ANTHROPIC, "UNAVAILABLE"),
                new Scenario("retry-advice", NOT_BEDROCK, Scenario::checkRetryAdvice),
                new Scenario("retry-info", NOT_BEDROCK, GeminiScenarios::checkRetryInfo),
                new Scenario("stream-error", ALL, GeminiScenarios::checkStreamError)));
    all.addAll(Scenario.interrupted(ALL));
    return List.copyOf(all);
  }

  /// @param code the name of the status
  private static Scenario error(int status, Set<Target> targets, String code) {
    return new Scenario(
        "error-" + status,
        targets,
        it -> {
          Scenario.checkError(it, status)
              .has("code", code)
              .contains("message", "The mock returns status " + status + ".");
          it.onlyCall();
        });
  }

  private static Observation checkUsage(
      Observation it, int prompt, int cached, int candidates, int thoughts) {
    return it.has(
        "usage",
        Map.of(
            "prompt", prompt,
            "cached", cached,
            "candidates", candidates,
            "thoughts", thoughts,
            "total", prompt + candidates + thoughts));
  }

  private static void checkStream(Observation it) {
    it.has("text", Scenario.TEXT).has("deltas", 4).has("finish", "STOP");
    checkUsage(it, 9, 0, 12, 0).onlyCall();
  }

  /// The client calls the function itself.
  private static void checkAutomaticCalls(Observation it) {
    it.has("text", Scenario.TEXT).has("city", "Zürich");
    assertThat(it.calls()).hasSize(2);
    assertThat(it.sent("/messages/2", "/messages/2", "/contents/2", "/messages/2"))
        .contains("17 degrees")
        .contains(it.target().toolCallId("weather").orElse("get_weather"));
  }

  private static void checkParallel(Observation it) {
    Scenario.checkCalls(it);
    checkUsage(it.has("finish", "STOP"), 9, 0, 12, 0);
  }

  /// The results have no ids, and that of the second tool is an error.
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
    if (it.target() == Target.ANTHROPIC) {
      assertThat(sent).contains("\"is_error\":true");
    }
  }

  /// The model calls a tool twice, and receives its own thinking with each result.
  private static void checkRounds(Observation it) {
    it.has("text", Scenario.TEXT);
    Scenario.checkCalls(it);
    assertThat(it.calls()).as("calls of the vendor").hasSize(3);
    checkReplay(it, it.calls().get(1).body(), 0, "round-1");
    checkReplay(it, it.calls().get(2).body(), 0, "round-1");
    checkReplay(it, it.calls().get(2).body(), 1, "round-2");
  }

  /// The client continues a conversation in which the model has thought.
  private static void checkTurns(Observation it) {
    it.has("text", Scenario.TEXT);
    assertThat(it.calls()).as("calls of the vendor").hasSize(2);
    checkReplay(it, it.calls().get(1).body(), 0, "reasoning");
  }

  /// Requires that a turn of the model in a request is a response of the mock. The text may be in
  /// several parts, as in a stream.
  ///
  /// @param turn the number of the turn, from 0
  private static void checkReplay(Observation it, JsonNode request, int turn, String responseName) {
    JsonNode response = AnthropicScenarios.response(it, responseName);
    switch (it.target()) {
      case ANTHROPIC_DIRECT, ANTHROPIC ->
          assertThat(joined(content(request, "messages", "assistant", "content").get(turn)))
              .isEqualTo(response.path("content"));
      case BEDROCK ->
          assertThat(joined(content(request, "messages", "assistant", "content").get(turn)))
              .isEqualTo(response.at("/output/message/content"));
      case GEMINI_DIRECT, GEMINI ->
          assertThat(signatures(content(request, "contents", "model", "parts").get(turn)))
              .isNotEmpty()
              .isEqualTo(signatures(response.at("/candidates/0/content/parts")));
      case OPENAI_DIRECT, OPENAI, OPENAI_CHAT -> {
        List<JsonNode> messages = turns(request.path("messages"), "assistant").get(turn);
        assertThat(messages).hasSize(1);
        JsonNode sent = messages.getFirst();
        JsonNode message = response.at("/choices/0/message");
        assertThat(sent.path("content").asString(""))
            .isEqualTo(message.path("content").asString(""));
        assertThat(sent.path("tool_calls")).isEqualTo(message.path("tool_calls"));
      }
    }
  }

  /// The content of each turn of the model.
  private static List<JsonNode> content(
      JsonNode request, String messages, String role, String content) {
    return turns(request.path(messages), role).stream()
        .<JsonNode>map(turn -> {
          ArrayNode parts = Json.MAPPER.createArrayNode();
          turn.forEach(message -> message.path(content).forEach(parts::add));
          return parts;
        })
        .toList();
  }

  /// The successive messages of a role; the client keeps each chunk of a stream as a message.
  private static List<List<JsonNode>> turns(JsonNode messages, String role) {
    List<List<JsonNode>> turns = new ArrayList<>();
    boolean isInTurn = false;
    for (JsonNode message : messages) {
      boolean isOfRole = message.path("role").asString("").equals(role);
      if (isOfRole && !isInTurn) {
        turns.add(new ArrayList<>());
      }
      if (isOfRole) {
        turns.getLast().add(message);
      }
      isInTurn = isOfRole;
    }
    return turns;
  }

  /// Joins successive texts.
  private static JsonNode joined(JsonNode blocks) {
    ArrayNode joined = Json.MAPPER.createArrayNode();
    for (JsonNode block : blocks) {
      if (block.has("text")
          && joined.path(joined.size() - 1) instanceof ObjectNode last
          && last.has("text")) {
        last.put("text", last.path("text").asString("") + block.path("text").asString(""));
      } else {
        joined.add(block.deepCopy());
      }
    }
    return joined;
  }

  /// The bytes of the signatures, which clients encode anew in their alphabet of base64.
  private static List<String> signatures(JsonNode parts) {
    return parts.findValuesAsString("thoughtSignature").stream()
        .map(it -> HexFormat.of().formatHex(Base64.getDecoder().decode(standardBase64(it))))
        .toList();
  }

  private static String standardBase64(String base64) {
    return base64.replace('-', '+').replace('_', '/');
  }

  private static void checkImage(Observation it) {
    if (it.target().isNative(it.client())) {
      String sent = it.sent("", "", "/contents/0/parts/1/inlineData/data", "");
      assertThat(standardBase64(sent)).contains(Scenario.IMAGE);
      it.has("text", Scenario.TEXT);
    } else {
      Scenario.checkImage(it);
    }
  }

  private static void checkSystem(Observation it) {
    String system = it.sent("/messages/0", "/system", "/systemInstruction", "/system");
    assertThat(system).containsSubsequence(Scenario.SYSTEM_PROMPT, "Be brief.");
  }

  /// Google's own schema has the types of JSON Schema in capital letters.
  private static void checkStructured(Observation it) {
    it.has("parsed", Json.MAPPER.createObjectNode().put("name", "Ada").put("born", 1815));
    String schema =
        it.sent(
            "/response_format/json_schema/schema",
            "/output_config/format/schema",
            "/generationConfig",
            "/outputConfig/textFormat/structure/jsonSchema/schema");
    assertThat(it.target().isNative(it.client()) ? schema.toLowerCase(Locale.ROOT) : schema)
        .contains("born", "integer");
  }

  private static void checkReasoning(Observation it) {
    // OpenAI only counts the reasoning, and Bedrock does not count it.
    it.has("text", Scenario.TEXT)
        .has("reasoning", it.target() == Target.OPENAI ? "" : Scenario.THOUGHT);
    if (it.target() == Target.BEDROCK) {
      checkUsage(it, 1103, 1000, 20, 0);
    } else {
      checkUsage(it, 1103, 1000, 8, 12);
    }
  }

  private static void checkCount(Observation it) {
    if (it.target().isNative(it.client())) {
      it.has("count", 14);
      it.onlyCall();
    } else {
      assertThat(it.member("count").asInt()).isBetween(8, 30);
      assertThat(it.calls()).isEmpty();
    }
  }

  private static void checkEmbeddings(Observation it) {
    it.has("vectors", List.of(List.of(0.5, -0.25), List.of(0.125, 0.75)));
    assertThat(it.sent("/input", "", "/requests", "")).contains("one", "two");
  }

  private static void checkModels(Observation it) {
    String listed = "models/" + it.target().listedModel();
    assertThat(it.member("listed").valueStream().map(JsonNode::asString))
        .contains(listed)
        .doesNotHaveDuplicates();
    it.has("retrieved", listed);
  }

  private static void checkUnknownMembers(Observation it) {
    assertThat(it.calls())
        .isNotEmpty()
        .allSatisfy(call ->
            assertThat(call.request().body()).contains("9007199254740993").contains("x_note"));
    it.has("text", Scenario.TEXT).contains("raw", "9007199254740993").contains("raw", "x_note");
  }

  private static void checkRetryInfo(Observation it) {
    Scenario.checkError(it, 429)
        .has(
            "retryDelay",
            switch (it.target()) {
              case OPENAI -> "1.500s";
              case ANTHROPIC -> "2.000s";
              default -> "2s";
            });
  }

  private static void checkStreamError(Observation it) {
    Scenario.checkStreamError(it);
    if (it.target().isNative(it.client())) {
      it.has("status", 503).has("code", "UNAVAILABLE");
    }
  }
}
