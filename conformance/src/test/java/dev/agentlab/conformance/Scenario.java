package dev.agentlab.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.json.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/// One use of a client, and what it must return.
///
/// @param name of the scenario in the programs of the clients and in the mock
/// @param targets that can serve it
record Scenario(String name, Set<Target> targets, Consumer<Observation> check) {
  /// A pixel.
  static final String IMAGE =
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5Erk"
          + "Jggg==";

  static final String SYSTEM_PROMPT = "Answer in German.";

  private static final Set<Target> ALL =
      Set.of(Target.OPENAI_DIRECT, Target.OPENAI, Target.ANTHROPIC, Target.GEMINI, Target.BEDROCK);
  private static final Set<Target> AGENT_LAB =
      Set.of(Target.OPENAI, Target.ANTHROPIC, Target.GEMINI, Target.BEDROCK);
  private static final Set<Target> TRANSLATED =
      Set.of(Target.ANTHROPIC, Target.GEMINI, Target.BEDROCK);
  private static final Set<Target> NATIVE = Set.of(Target.OPENAI_DIRECT, Target.OPENAI);
  private static final Set<Target> EMBEDDING =
      Set.of(Target.OPENAI_DIRECT, Target.OPENAI, Target.GEMINI);
  private static final Set<Target> OPENAI_AND_ANTHROPIC =
      Set.of(Target.OPENAI_DIRECT, Target.OPENAI, Target.ANTHROPIC);
  private static final Set<Target> NOT_BEDROCK =
      Set.of(Target.OPENAI_DIRECT, Target.OPENAI, Target.ANTHROPIC, Target.GEMINI);

  /// U+2028 is no end of a line of an event stream.
  static final String TEXT = "Grüße\u2028👋 done.";

  static final String THOUGHT = "Let me think.";
  private static final String TOOL_RESULT = "17 degrees";

  /// The least time after the advice of the mock, of 1.5 or 2 seconds. Without advice, clients wait
  /// half a second.
  private static final Duration MIN_ADVISED_WAIT = Duration.ofMillis(1_400);

  private static final Duration MAX_ADVISED_WAIT = Duration.ofSeconds(20);

  /// All scenarios.
  static List<Scenario> all() {
    List<Scenario> all =
        new ArrayList<>(
            List.of(
                new Scenario("chat", ALL, Scenario::checkChat),
                new Scenario("length", ALL, it -> it.has("text", "Grü").has("finish", "length")),
                new Scenario("stream", ALL, it -> checkStream(it).hasNo("usage")),
                new Scenario("stream-usage", ALL, it -> checkStream(it).hasUsage(9, 12, 0, 0)),
                new Scenario("tools", ALL, Scenario::checkTools),
                new Scenario("parallel", ALL, Scenario::checkParallel),
                new Scenario("parallel-stream", ALL, Scenario::checkParallelStream),
                new Scenario("structured", ALL, Scenario::checkStructured),
                new Scenario("image", ALL, Scenario::checkImage),
                new Scenario("reasoning", TRANSLATED, Scenario::checkReasoning),
                new Scenario(
                    "reasoning-stream",
                    TRANSLATED,
                    it -> {
                      checkReasoning(it);
                      it.has("deltas", 4);
                    }),
                new Scenario("embeddings", EMBEDDING, Scenario::checkEmbeddings),
                new Scenario("embeddings-float", EMBEDDING, Scenario::checkEmbeddings),
                new Scenario(
                    "text-completion",
                    TRANSLATED,
                    it -> {
                      it.has("text", TEXT).has("finish", "stop").hasUsage(9, 12, 0, 0);
                      it.onlyCall();
                    }),
                new Scenario(
                    "text-completion-stream",
                    TRANSLATED,
                    it -> checkStream(it).hasUsage(9, 12, 0, 0)),
                new Scenario("models", NOT_BEDROCK, Scenario::checkModels),
                new Scenario("agent", AGENT_LAB, Scenario::checkAgent),
                new Scenario("unknown-members", NATIVE, Scenario::checkUnknownMembers),
                new Scenario(
                    "unknown-members-stream",
                    NATIVE,
                    it -> it.has("serial", 9_007_199_254_740_993L)),
                new Scenario(
                    "unauthenticated",
                    AGENT_LAB,
                    it -> {
                      checkError(it, 401).has("code", "invalid_api_key").contains("message", "key");
                      assertThat(it.calls()).isEmpty();
                    }),
                new Scenario(
                    "forbidden",
                    AGENT_LAB,
                    it -> {
                      checkError(it, 404)
                          .has("code", "model_not_found")
                          .contains("message", "does not exist or you do not have access");
                      assertThat(it.calls()).isEmpty();
                    }),
                new Scenario(
                    "model-not-found",
                    AGENT_LAB,
                    it ->
                        checkError(it, 404)
                            .has("code", "model_not_found")
                            .contains("message", "`no-such-model`")),
                error(400, ALL, "invalid_value"),
                error(403, ALL, "model_not_found"),
                error(404, ALL, "model_not_found"),
                error(413, OPENAI_AND_ANTHROPIC, "request_too_large"),
                error(429, ALL, "rate_limit_exceeded"),
                error(500, ALL, ""),
                error(503, ALL, "overloaded"),
                error(529, OPENAI_AND_ANTHROPIC, "overloaded"),
                new Scenario("retry-advice", NOT_BEDROCK, Scenario::checkRetryAdvice),
                new Scenario(
                    "no-retry",
                    OPENAI_AND_ANTHROPIC,
                    it -> {
                      checkError(it, 500);
                      it.onlyCall();
                    }),
                new Scenario("stream-error", ALL, Scenario::checkStreamError)));
    all.addAll(interrupted(ALL));
    return List.copyOf(all);
  }

  /// The scenarios in which the client or the provider ends a call, for clients of any API.
  static List<Scenario> interrupted(Set<Target> targets) {
    Set<Target> agentLab =
        targets.stream().filter(it -> !it.isDirect()).collect(Collectors.toSet());
    List<Scenario> all =
        new ArrayList<>(
            List.of(
                new Scenario(
                    "abort-response", targets, it -> it.has("received", true).has("closed", true)),
                new Scenario(
                    "abort-stream", targets, it -> it.has("received", true).has("closed", true)),
                new Scenario(
                    "abort-streaming", targets, it -> it.has("text", "Grü").has("closed", true))));
    for (int cut = 0; cut < 5; cut++) {
      all.add(new Scenario("cut-%d-reset".formatted(cut), targets, Scenario::checkCut));
      // Without agent-lab it looks complete.
      all.add(new Scenario("cut-%d-close".formatted(cut), agentLab, Scenario::checkCut));
    }
    return all;
  }

  /// Whether a client can run it on a target.
  boolean runs(Client client, Target target) {
    return targets.contains(target) && client.supports(name);
  }

  /// @param code of the error of OpenAI; empty for none
  static Scenario error(int status, Set<Target> targets, String code) {
    return new Scenario(
        "error-" + status,
        targets,
        it -> {
          checkError(it, status).contains("message", "The mock returns status " + status + ".");
          it.onlyCall();
          if (it.target().isNative(it.client())) {
            it.has("code", code.isEmpty() ? null : code);
            it.has("requestId", "req_mock_1");
          } else {
            // The codes of OpenAI are words.
            if (it.client().shows("code")) {
              assertThat(it.member("code").asString("")).doesNotContainPattern("[0-9]");
            }
            if (status == 404 || status == 429 || status >= 503) {
              it.has("code", code);
            }
          }
        });
  }

  static Observation checkError(Observation it, int status) {
    it.has("raised", it.client().errorType(status)).has("status", status);
    if (it.client().shows("requestId")) {
      assertThat(it.member("requestId").asString("")).as("requestId").isNotEmpty();
    }
    return it;
  }

  static void checkStreamError(Observation it) {
    // agent-lab names its error events.
    if (it.target().isDirect() && !it.client().shows("unnamed error events")) {
      // What such a client can see: the response has no end.
      assertThat(it.json().at("/result/finish").isNull()).as("no end in %s", it.json()).isTrue();
    } else {
      checkRaised(it, "The mock fails in the middle.");
    }
  }

  /// Requires an error whose message contains a text.
  private static void checkRaised(Observation it, String message) {
    assertThat(it.member("raised").isString()).as("an error in %s", it.json()).isTrue();
    it.contains("message", message);
  }

  private static void checkCut(Observation it) {
    checkRaised(it, it.target().isDirect() ? "" : "complete");
  }

  private static void checkChat(Observation it) {
    it.has("text", TEXT).has("finish", "stop").hasUsage(9, 12, 0, 0);
    assertThat(it.json().path("calls").isEmpty()).isTrue();
    it.onlyCall();
  }

  private static Observation checkStream(Observation it) {
    it.onlyCall();
    return it.has("text", TEXT).has("deltas", 4).has("finish", "stop");
  }

  static void checkTools(Observation it) {
    checkCall(it, it.member("calls").path(0), "weather");
    it.has("text", TEXT);
    assertThat(it.calls()).hasSize(2);
    assertThat(it.sent("/tools", "/tools", "/tools", "/toolConfig"))
        .contains("get_weather", "city");
    assertThat(it.sent("/messages/1", "/messages/1", "/contents/1", "/messages/1"))
        .contains("get_weather", "Zürich");
    if (it.client().shows("exact numbers")) {
      assertThat(it.sent("/messages/1", "/messages/1", "/contents/1", "/messages/1"))
          .contains("12345678901234567890");
    }
    assertThat(it.sent("/messages/2", "/messages/2", "/contents/2", "/messages/2"))
        .contains(TOOL_RESULT)
        .contains(it.target().toolCallId("weather").orElse("get_weather"));
  }

  private static void checkParallel(Observation it) {
    checkCalls(it);
    it.has("finish", "tool_calls").hasUsage(9, 12, 0, 0);
  }

  private static void checkParallelStream(Observation it) {
    checkCalls(it);
    it.has("finish", "tool_calls").has("indexes", List.of(0, 1));
  }

  /// Requires a call of each tool.
  static void checkCalls(Observation it) {
    JsonNode calls = it.member("calls");
    assertThat(calls.size()).as("calls in %s", it.json()).isEqualTo(2);
    checkCall(it, calls.get(0), "weather");
    checkCall(it, calls.get(1), "time");
    if (hasCallIds(it)) {
      assertThat(calls.get(0).path("id")).as("ids").isNotEqualTo(calls.get(1).path("id"));
    }
  }

  static void checkCall(Observation it, JsonNode call, String tool) {
    assertThat(call.path("name").asString("")).isEqualTo("get_" + tool);
    if (hasCallIds(it)) {
      assertThat(call.path("id").asString("")).isNotEmpty();
    }
    it.target()
        .toolCallId(tool)
        .ifPresent(id -> assertThat(call.path("id").asString("")).isEqualTo(id));
    JsonNode arguments = call.path("arguments");
    // Some clients parse them.
    JsonNode json = arguments.isString() ? Json.MAPPER.readTree(arguments.asString()) : arguments;
    if (tool.equals("time")) {
      assertThat(json).isEqualTo(Json.MAPPER.createObjectNode());
      return;
    }
    assertThat(json.path("city").asString("")).isEqualTo("Zürich");
    if (it.client().shows("exact numbers")) {
      assertThat(json.path("id").asString("")).isEqualTo("12345678901234567890");
    } else {
      assertThat(json.path("id").asDouble(0)).isEqualTo(Double.parseDouble("12345678901234567890"));
    }
  }

  /// Whether calls of tools have ids: those of the vendor, or of a translation.
  private static boolean hasCallIds(Observation it) {
    return !it.target().isNative(it.client()) || it.target().toolCallId("").isPresent();
  }

  static void checkStructured(Observation it) {
    it.has("parsed", Json.MAPPER.createObjectNode().put("name", "Ada").put("born", 1815));
    assertThat(
            it.sent(
                "/response_format/json_schema/schema",
                "/output_config/format/schema",
                "/generationConfig/responseJsonSchema",
                "/outputConfig/textFormat/structure/jsonSchema/schema"))
        .contains("born", "integer");
  }

  static void checkImage(Observation it) {
    it.has("text", TEXT);
    String path = "/messages/0/content/1/";
    String sent =
        it.sent(
            path + "image_url/url",
            path + "source/data",
            "/contents/0/parts/1/inlineData/data",
            path + "image/source/bytes");
    assertThat(sent).contains(IMAGE);
  }

  private static void checkReasoning(Observation it) {
    // Bedrock does not count it.
    int reasoning = it.target() == Target.BEDROCK ? 0 : 12;
    it.has("text", TEXT).has("reasoning", THOUGHT).hasUsage(1103, 20, 1000, reasoning);
  }

  private static void checkEmbeddings(Observation it) {
    it.has("vectors", List.of(List.of(0.5, -0.25), List.of(0.125, 0.75)));
    assertThat(it.sent("/input", "", "/requests", "")).contains("one", "two");
  }

  static void checkModels(Observation it) {
    String listed = it.target().listedModel();
    assertThat(it.member("listed").valueStream().map(JsonNode::asString)).contains(listed);
    it.has("retrieved", listed);
  }

  static void checkAgent(Observation it) {
    it.has("text", TEXT);
    assertThat(it.sent("/messages/0", "/system", "/systemInstruction", "/system"))
        .contains(SYSTEM_PROMPT);
    assertThat(it.sent("/messages/1", "/messages/0", "/contents/0", "/messages/0"))
        .contains("Hello");
  }

  private static void checkUnknownMembers(Observation it) {
    it.has("serial", 9_007_199_254_740_993L).has("note", "kept");
    it.has("nested", Json.MAPPER.readTree("{\"list\":[1,9223372036854775807]}"));
    assertThat(it.onlyCall().request().body()).contains("9007199254740993").contains("x_note");
  }

  static void checkRetryAdvice(Observation it) {
    it.has("text", TEXT);
    assertThat(it.calls()).hasSize(2);
    if (it.client().shows("advised wait")) {
      Duration wait = Duration.ofNanos(it.calls().get(1).nanoTime() - it.calls().get(0).nanoTime());
      assertThat(wait).isBetween(MIN_ADVISED_WAIT, MAX_ADVISED_WAIT);
    }
  }
}
