package dev.agentlab.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/// The uses of clients of OpenAI's Responses API. Those that clients of chat completions have too
/// are checked as in [Scenario].
final class ResponsesScenarios {
  private static final String COMPLETED = "completed";

  private static final Set<Target> ALL =
      Set.of(
          Target.OPENAI_DIRECT,
          Target.OPENAI,
          Target.OPENAI_CHAT,
          Target.ANTHROPIC,
          Target.GEMINI,
          Target.BEDROCK);
  private static final Set<Target> NATIVE = Set.of(Target.OPENAI_DIRECT, Target.OPENAI);
  private static final Set<Target> AGENT_LAB = without(ALL, Target.OPENAI_DIRECT);
  private static final Set<Target> TRANSLATED = without(AGENT_LAB, Target.OPENAI);
  private static final Set<Target> NOT_BEDROCK = without(ALL, Target.BEDROCK);
  private static final Set<Target> OPENAI_AND_ANTHROPIC = without(NOT_BEDROCK, Target.GEMINI);

  /// The targets whose models refuse in words, and not by the reason of the end.
  private static final Set<Target> REFUSING = without(OPENAI_AND_ANTHROPIC, Target.ANTHROPIC);

  /// A paused stream takes a quarter of a minute.
  private static final Set<Target> IDLE = Set.of(Target.OPENAI, Target.ANTHROPIC);

  /// The events of a text in four deltas.
  private static final List<String> TEXT_EVENTS =
      List.of(
          "response.created",
          "response.in_progress",
          "response.output_item.added",
          "response.content_part.added",
          "response.output_text.delta",
          "response.output_text.delta",
          "response.output_text.delta",
          "response.output_text.delta",
          "response.output_text.done",
          "response.content_part.done",
          "response.output_item.done",
          "response.completed");

  private ResponsesScenarios() {}

  private static Set<Target> without(Set<Target> targets, Target target) {
    return targets.stream().filter(it -> it != target).collect(Collectors.toUnmodifiableSet());
  }

  /// All scenarios.
  static List<Scenario> all() {
    List<Scenario> all =
        new ArrayList<>(
            List.of(
                new Scenario("chat", ALL, ResponsesScenarios::checkResponse),
                new Scenario(
                    "length", ALL, it -> it.has("text", "Grü").has("finish", "max_output_tokens")),
                new Scenario(
                    "filtered", ALL, it -> it.has("text", "Grü").has("finish", "content_filter")),
                new Scenario("refusal", REFUSING, ResponsesScenarios::checkRefusal),
                new Scenario("refusal-stream", REFUSING, ResponsesScenarios::checkRefusal),
                new Scenario("stream", ALL, ResponsesScenarios::checkStream),
                new Scenario("stream-helper", ALL, ResponsesScenarios::checkStream),
                new Scenario("idle", IDLE, ResponsesScenarios::checkStream),
                new Scenario("instructions", ALL, ResponsesScenarios::checkInstructions),
                new Scenario("image", ALL, ResponsesScenarios::checkImage),
                new Scenario("document", ALL, ResponsesScenarios::checkDocument),
                new Scenario("structured", ALL, ResponsesScenarios::checkStructured),
                new Scenario("tools", ALL, ResponsesScenarios::checkTools),
                new Scenario("tools-stored", ALL, ResponsesScenarios::checkTools),
                new Scenario("custom", ALL, ResponsesScenarios::checkCustomTool),
                new Scenario("custom-stream", ALL, ResponsesScenarios::checkCustomTool),
                new Scenario("parallel", ALL, ResponsesScenarios::checkParallel),
                new Scenario(
                    "parallel-stream",
                    ALL,
                    it -> {
                      checkParallel(it);
                      checkEvents(it);
                    }),
                new Scenario("parallel-results", ALL, ResponsesScenarios::checkParallelResults),
                new Scenario("reasoning", ALL, ResponsesScenarios::checkReasoning),
                new Scenario(
                    "reasoning-stream",
                    ALL,
                    it -> {
                      checkReasoning(it);
                      checkEvents(it.has("deltas", 4));
                    }),
                new Scenario("rounds", ALL, ResponsesScenarios::checkRounds),
                new Scenario("rounds-stream", ALL, ResponsesScenarios::checkRounds),
                new Scenario("rounds-stored", ALL, ResponsesScenarios::checkRounds),
                new Scenario("rounds-stored-stream", ALL, ResponsesScenarios::checkRounds),
                new Scenario("conversation", ALL, ResponsesScenarios::checkConversation),
                new Scenario("conversation-stream", ALL, ResponsesScenarios::checkConversation),
                new Scenario("stored", ALL, ResponsesScenarios::checkStored),
                new Scenario("foreign", AGENT_LAB, it -> Scenario.checkError(it, 404)),
                new Scenario(
                    "cancel",
                    NATIVE,
                    it -> it.has("created", "queued").has("cancelled", "cancelled")),
                new Scenario("not-cancellable", ALL, it -> Scenario.checkError(it, 400)),
                new Scenario("background", TRANSLATED, ResponsesScenarios::checkBackground),
                new Scenario("compact", NATIVE, ResponsesScenarios::checkCompact),
                new Scenario("count-tokens", ALL, ResponsesScenarios::checkCount),
                new Scenario("models", NOT_BEDROCK, Scenario::checkModels),
                new Scenario("agent", AGENT_LAB, ResponsesScenarios::checkAgent),
                new Scenario("unknown-members", NATIVE, ResponsesScenarios::checkUnknownMembers),
                new Scenario(
                    "unknown-members-stream", NATIVE, ResponsesScenarios::checkUnknownEvents),
                new Scenario(
                    "unauthenticated",
                    AGENT_LAB,
                    it -> {
                      Scenario.checkError(it, 401).has("code", "invalid_api_key");
                      assertThat(it.calls()).isEmpty();
                    }),
                new Scenario(
                    "forbidden",
                    AGENT_LAB,
                    it -> {
                      Scenario.checkError(it, 404).has("code", "model_not_found");
                      assertThat(it.calls()).isEmpty();
                    }),
                new Scenario(
                    "model-not-found",
                    AGENT_LAB,
                    it ->
                        Scenario.checkError(it, 404)
                            .has("code", "model_not_found")
                            .contains("message", "`no-such-model`")),
                Scenario.error(400, ALL, "invalid_value"),
                Scenario.error(401, NATIVE, "invalid_api_key"),
                Scenario.error(403, ALL, "model_not_found"),
                Scenario.error(404, ALL, "model_not_found"),
                Scenario.error(413, OPENAI_AND_ANTHROPIC, "request_too_large"),
                Scenario.error(429, ALL, "rate_limit_exceeded"),
                Scenario.error(500, ALL, ""),
                Scenario.error(503, ALL, "overloaded"),
                Scenario.error(529, OPENAI_AND_ANTHROPIC, "overloaded"),
                new Scenario("retry-advice", NOT_BEDROCK, Scenario::checkRetryAdvice),
                new Scenario(
                    "no-retry",
                    OPENAI_AND_ANTHROPIC,
                    it -> {
                      Scenario.checkError(it, 500);
                      it.onlyCall();
                    }),
                new Scenario("stream-error", ALL, Scenario::checkStreamError),
                new Scenario("stream-failed", NATIVE, Scenario::checkStreamError)));
    all.addAll(Scenario.interrupted(ALL));
    return List.copyOf(all);
  }

  private static boolean isNative(Observation it) {
    return it.target().isNative(it.client());
  }

  /// A part of the body of the last call, at the place where the vendor expects it.
  ///
  /// @param responses the place in OpenAI's Responses API
  private static String sent(
      Observation it,
      String responses,
      String chat,
      String anthropic,
      String gemini,
      String bedrock) {
    return it.sent(isNative(it) ? responses : chat, anthropic, gemini, bedrock);
  }

  /// The conversation in the body of the last call.
  private static String sentHistory(Observation it) {
    return sent(it, "/input", "/messages", "/messages", "/contents", "/messages");
  }

  private static void checkResponse(Observation it) {
    it.has("text", Scenario.TEXT)
        .has("finish", COMPLETED)
        .has("calls", List.of())
        .hasUsage(9, 12, 0, 0);
    checkId(it, it.member("id"));
    it.onlyCall();
  }

  /// The ids of the vendor pass, and those of agent-lab have another length.
  private static void checkId(Observation it, JsonNode id) {
    assertThat(id.asString("")).matches(isNative(it) ? "resp_[0-9a-f]{48}" : "resp_[0-9a-f]{32}");
  }

  private static void checkStream(Observation it) {
    it.has("text", Scenario.TEXT)
        .has("deltas", 4)
        .has("finish", COMPLETED)
        .has("events", TEXT_EVENTS)
        .hasUsage(9, 12, 0, 0);
    checkEvents(it);
    it.onlyCall();
  }

  /// Requires that the events of a stream are numbered, and amount to the response at its end.
  private static void checkEvents(Observation it) {
    if (it.client().shows("events")) {
      it.has("ordered", true);
    }
    if (it.client().shows("streamed")) {
      JsonNode streamed = it.member("streamed");
      for (String member : List.of("text", "reasoning", "calls")) {
        assertThat(streamed.path(member)).as("streamed %s", member).isEqualTo(it.member(member));
      }
    }
  }

  private static void checkRefusal(Observation it) {
    if (it.client().shows("refusal")) {
      it.has("refusal", "I cannot help with that.").has("text", "").has("finish", COMPLETED);
    } else {
      it.has("finish", "content_filter");
    }
  }

  /// Where a client puts instructions is its own matter.
  private static void checkInstructions(Observation it) {
    it.has("text", Scenario.TEXT);
    assertThat(sent(it, "", "/messages/0", "/system", "/systemInstruction", "/system"))
        .contains(Scenario.SYSTEM_PROMPT);
    assertThat(sentHistory(it)).contains("Hello");
  }

  private static void checkAgent(Observation it) {
    it.has("text", Scenario.TEXT);
    assertThat(sent(it, "/instructions", "/messages/0", "/system", "/systemInstruction", "/system"))
        .contains(Scenario.SYSTEM_PROMPT);
    assertThat(sentHistory(it)).contains("Hello");
  }

  private static void checkImage(Observation it) {
    it.has("text", Scenario.TEXT);
    String path = "/messages/0/content/1/";
    assertThat(
            sent(
                it,
                "/input/0/content/1/image_url",
                path + "image_url/url",
                path + "source/data",
                "/contents/0/parts/1/inlineData/data",
                path + "image/source/bytes"))
        .contains(Scenario.IMAGE);
  }

  private static void checkDocument(Observation it) {
    if (isNative(it)) {
      it.has("text", Scenario.TEXT);
      assertThat(it.sentBody().at("/input/0/content/1/file_data").asString(""))
          .endsWith(AnthropicScenarios.DOCUMENT);
    } else {
      AnthropicScenarios.checkDocument(it);
    }
  }

  private static void checkStructured(Observation it) {
    it.has("parsed", Json.MAPPER.createObjectNode().put("name", "Ada").put("born", 1815));
    assertThat(
            sent(
                it,
                "/text/format/schema",
                "/response_format/json_schema/schema",
                "/output_config/format/schema",
                "/generationConfig/responseJsonSchema",
                "/outputConfig/textFormat/structure/jsonSchema/schema"))
        .contains("born", "integer");
  }

  private static void checkTools(Observation it) {
    Scenario.checkCall(it, it.member("calls").path(0), "weather");
    it.has("text", Scenario.TEXT);
    assertThat(it.calls()).hasSize(2);
    assertThat(sent(it, "/tools", "/tools", "/tools", "/tools", "/toolConfig"))
        .contains("get_weather", "city");
    String history = sentHistory(it);
    assertThat(history)
        .contains(it.target().toolCallId("weather").orElse("get_weather"))
        .contains("17 degrees");
    if (isNative(it) && it.sentBody().has("previous_response_id")) {
      checkId(it, it.sentBody().get("previous_response_id"));
      assertThat(it.sentBody().path("input")).hasSize(1);
    } else {
      assertThat(history).containsSubsequence("Hello", "Zürich", "17 degrees");
      if (it.client().shows("exact numbers")) {
        assertThat(history).contains("12345678901234567890");
      }
    }
  }

  /// A tool whose input is a text, which is a function for other vendors.
  private static void checkCustomTool(Observation it) {
    it.has("text", Scenario.TEXT)
        .has("name", "apply_patch")
        .has("input", "*** Begin Patch\n*** Add File: note.txt\n+Grüße 👋\n*** End Patch");
    assertThat(it.calls()).hasSize(2);
    assertThat(sent(it, "/tools", "/tools", "/tools", "/tools", "/toolConfig"))
        .contains("apply_patch", "Applies a patch.");
    assertThat(sentHistory(it))
        .containsSubsequence("Hello", "*** Add File: note.txt", "The patch does not apply.");
  }

  private static void checkParallel(Observation it) {
    Scenario.checkCalls(it);
    it.has("finish", COMPLETED).hasUsage(9, 12, 0, 0);
  }

  private static void checkParallelResults(Observation it) {
    Scenario.checkCalls(it);
    it.has("text", Scenario.TEXT);
    assertThat(it.calls()).hasSize(2);
    String history = sentHistory(it);
    assertThat(history).containsSubsequence("17 degrees", "out of time");
    for (String tool : List.of("weather", "time")) {
      assertThat(history).contains(it.target().toolCallId(tool).orElse("get_" + tool));
    }
  }

  private static void checkReasoning(Observation it) {
    // Chat completions only count the reasoning, and Bedrock does not count it.
    it.has("text", Scenario.TEXT)
        .has("reasoning", it.target() == Target.OPENAI_CHAT ? "" : Scenario.THOUGHT)
        .hasUsage(1103, 20, 1000, it.target() == Target.BEDROCK ? 0 : 12);
  }

  /// The model calls two tools after each other, and receives its own reasoning with each result:
  /// from the client, or from what is stored.
  private static void checkRounds(Observation it) {
    it.has("text", Scenario.TEXT);
    Scenario.checkCalls(it);
    assertThat(it.calls()).as("calls of the vendor").hasSize(3);
    JsonNode second = it.calls().get(1).body();
    JsonNode third = it.calls().get(2).body();
    if (!isNative(it)) {
      AnthropicScenarios.checkReplay(it, second, 1, "round-1");
      AnthropicScenarios.checkReplay(it, third, 1, "round-1");
      AnthropicScenarios.checkReplay(it, third, 3, "round-2");
    } else if (!it.scenario().startsWith("rounds-stored")) {
      checkEncrypted(second, List.of("round-1"));
      checkEncrypted(third, List.of("round-1", "round-2"));
    } else if (third.has("previous_response_id")) {
      checkId(it, second.path("previous_response_id"));
      checkId(it, third.path("previous_response_id"));
      assertThat(third.path("input")).hasSize(1);
    } else {
      assertThat(references(second)).hasSize(2);
      assertThat(references(third))
          .hasSize(3)
          .startsWith(references(second).toArray(String[]::new));
    }
  }

  /// Requires that a request has the encrypted reasoning of responses, and that the client stores
  /// nothing.
  private static void checkEncrypted(JsonNode request, List<String> responses) {
    assertThat(request.path("store").asBoolean(true)).isFalse();
    assertThat(request.path("include").toString()).contains("reasoning.encrypted_content");
    assertThat(request.path("input").findValuesAsString("encrypted_content"))
        .isEqualTo(responses.stream().flatMap(ResponsesScenarios::encrypted).toList());
  }

  private static Stream<String> encrypted(String response) {
    return Json.MAPPER
        .readTree(MockVendors.file(MockResponses.FOLDER, response).body())
        .findValuesAsString("encrypted_content")
        .stream();
  }

  /// The ids of the items that a request only refers to.
  private static List<String> references(JsonNode request) {
    return request
        .path("input")
        .valueStream()
        .filter(item -> item.path("type").asString("").equals("item_reference"))
        .map(item -> item.path("id").asString())
        .toList();
  }

  /// Three turns, of which the client repeats none.
  private static void checkConversation(Observation it) {
    it.has("text", Scenario.TEXT);
    assertThat(it.calls()).as("calls of the vendor").hasSize(3);
    JsonNode last = it.sentBody();
    if (!isNative(it)) {
      assertThat(sentHistory(it))
          .containsSubsequence("Hello", "👋 done.", "And then?", "👋 done.", "Why?");
    } else if (last.has("previous_response_id")) {
      assertThat(last.get("previous_response_id")).isEqualTo(it.member("previous"));
      assertThat(last.path("input").toString()).contains("Why?").doesNotContain("Hello");
    } else {
      assertThat(references(last)).hasSize(2);
    }
  }

  private static void checkStored(Observation it) {
    it.has("text", Scenario.TEXT).has("retrieved", it.member("created"));
    it.has("input", List.of("Hello"));
    JsonNode after = it.member("after");
    assertThat(after.path("raised").asString("")).isEqualTo(it.client().errorType(404));
    if (!isNative(it)) {
      it.onlyCall();
    }
  }

  private static void checkBackground(Observation it) {
    Scenario.checkError(it, 400).contains("message", "background");
    assertThat(it.calls()).isEmpty();
  }

  private static void checkCompact(Observation it) {
    it.has("encrypted", encrypted("compact").findFirst().orElseThrow());
    assertThat(it.onlyCall().request().requestLine()).contains("/responses/compact");
  }

  private static void checkCount(Observation it) {
    if (isNative(it)) {
      it.has("count", 14);
      it.onlyCall();
    } else {
      assertThat(it.member("count").asInt()).isBetween(1, 200);
      assertThat(it.calls()).isEmpty();
    }
  }

  private static void checkUnknownMembers(Observation it) {
    it.has("serial", 9_007_199_254_740_993L).has("notes", List.of("kept", "kept too"));
    it.has("nested", Json.MAPPER.readTree("{\"list\":[1,9223372036854775807]}"));
    assertThat(it.onlyCall().request().body()).contains("9007199254740993").contains("x_note");
  }

  private static void checkUnknownEvents(Observation it) {
    it.has("serial", 9_007_199_254_740_993L).has("text", Scenario.TEXT);
    assertThat(it.member("events").valueStream().map(JsonNode::asString))
        .contains("response.x_progress");
  }
}
