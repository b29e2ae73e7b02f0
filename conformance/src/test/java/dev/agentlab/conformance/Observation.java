package dev.agentlab.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.json.Json;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// What a client returned in a scenario, and what the vendor received.
///
/// @param json the members that the programs of all clients print
/// @param calls the calls that the vendor received
record Observation(
    Client client, Target target, String scenario, JsonNode json, List<MockVendors.Call> calls) {

  /// Requires a member, unless the client does not show it.
  ///
  /// @param expected as JSON
  Observation has(String member, @Nullable Object expected) {
    if (client.shows(member)) {
      assertThat(parsed(member(member))).as("%s in %s", member, json).isEqualTo(parsed(expected));
    }
    return this;
  }

  /// A tree that was not parsed has other types of numbers.
  private static JsonNode parsed(@Nullable Object value) {
    return Json.MAPPER.readTree(Json.MAPPER.writeValueAsString(value));
  }

  /// Requires that a member is absent or null.
  Observation hasNo(String member) {
    assertThat(json.hasNonNull(member)).as("%s in %s", member, json).isFalse();
    return this;
  }

  /// Requires a text that contains another, unless the client does not show it.
  Observation contains(String member, String expected) {
    if (client.shows(member)) {
      assertThat(member(member).asString("")).as(member).contains(expected);
    }
    return this;
  }

  /// Requires counts of tokens, unless the client does not show them.
  Observation hasUsage(int prompt, int completion, int cached, int reasoning) {
    if (client.shows("usage")) {
      JsonNode usage = member("usage");
      assertThat(usage.path("prompt").asInt(-1)).as("prompt").isEqualTo(prompt);
      assertThat(usage.path("completion").asInt(-1)).as("completion").isEqualTo(completion);
      assertThat(usage.path("total").asInt(-1)).as("total").isEqualTo(prompt + completion);
      if (client.shows("cached")) {
        assertThat(usage.path("cached").asInt(0)).as("cached").isEqualTo(cached);
      }
      if (client.shows("usage.reasoning")) {
        assertThat(usage.path("reasoning").asInt(0)).as("reasoning").isEqualTo(reasoning);
      }
    }
    return this;
  }

  JsonNode member(String name) {
    assertThat(json.has(name)).as("%s in %s", name, json).isTrue();
    return json.get(name);
  }

  /// The only call that the vendor received.
  MockVendors.Call onlyCall() {
    assertThat(calls).as("calls of the vendor").hasSize(1);
    return calls.getFirst();
  }

  /// The body of the last call that the vendor received.
  JsonNode sentBody() {
    assertThat(calls).as("calls of the vendor").isNotEmpty();
    return calls.getLast().body();
  }

  /// A part of the body of the last call, at the place where the vendor expects it.
  String sent(String openAi, String anthropic, String gemini, String bedrock) {
    String pointer =
        switch (target) {
          case OPENAI_DIRECT, OPENAI, OPENAI_CHAT -> openAi;
          case ANTHROPIC_DIRECT, ANTHROPIC -> anthropic;
          case GEMINI_DIRECT, GEMINI -> gemini;
          case BEDROCK -> bedrock;
        };
    JsonNode part = sentBody().at(pointer);
    assertThat(part.isMissingNode()).as("%s in %s", pointer, sentBody()).isFalse();
    return part.toString();
  }
}
