package dev.agentlab.dialects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.memory.MemoryBudget;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import tools.jackson.databind.JsonNode;

class AnthropicPropertyTest {
  private static final List<String> VALUES =
      List.of(
          "null",
          "true",
          "-1",
          "1e400",
          "\"\"",
          "\"x\"",
          "\"auto\"",
          "\"high\"",
          "[]",
          "[null]",
          "[[1]]",
          "[{}]",
          "[{\"type\":\"text\"}]",
          "[{\"type\":\"text\",\"text\":\"a\"}]",
          "[{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:,\"}}]",
          "[{\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]",
          "[{\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":\"[\"}}]",
          "[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":5}}]",
          "{}",
          "{\"type\":\"function\"}",
          "{\"type\":\"json_schema\",\"json_schema\":{\"schema\":{}}}",
          "{\"anthropic\":{\"content\":[1]}}",
          "{\"anthropic\":5}",
          "{\"user_id\":5}");
  private static final List<String> REQUEST_MEMBERS =
      List.of(
          "max_tokens",
          "stop",
          "temperature",
          "output_config",
          "response_format",
          "thinking",
          "reasoning_effort",
          "metadata",
          "user",
          "n",
          "logprobs",
          "modalities",
          "service_tier",
          "presence_penalty",
          "tools",
          "tool_choice",
          "parallel_tool_calls",
          "stream_options",
          "unheard_of");
  private static final List<String> MESSAGE_MEMBERS =
      List.of(
          "content",
          "name",
          "tool_calls",
          "tool_call_id",
          "refusal",
          "reasoning_content",
          "extra_content",
          "is_error",
          "unheard_of");
  private static final List<String> EVENTS =
      List.of(
          "{\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"usage\":{\"input_tokens\":1}}}",
          "{\"type\":\"message_start\",\"message\":5}",
          "{\"type\":\"message_start\",\"message\":{\"id\":5,\"usage\":{\"input_tokens\":\"x\"}}}",
          "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\"}}",
          "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"tool_use\"}}",
          "{\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":\"thinking\"}}",
          "{\"type\":\"content_block_start\",\"index\":\"x\",\"content_block\":[]}",
          "{\"type\":\"content_block_start\"}",
          "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\","
              + "\"text\":\"a\"}}",
          "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"input_json_delta\","
              + "\"partial_json\":\"{\"}}",
          "{\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"input_json_delta\","
              + "\"partial_json\":\"{\"}}",
          "{\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"thinking_delta\","
              + "\"thinking\":5}}",
          "{\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"citations_delta\"}}",
          "{\"type\":\"content_block_delta\",\"index\":9,\"delta\":7}",
          "{\"type\":\"content_block_stop\",\"index\":0}",
          "{\"type\":\"content_block_stop\",\"index\":1}",
          "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":null}",
          "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":5},\"usage\":{\"a\":[]}}",
          "{\"type\":\"message_stop\"}",
          "{\"type\":\"ping\"}",
          "{\"type\":\"error\",\"error\":5}",
          "{\"type\":\"error\",\"error\":{\"message\":5}}",
          "[]",
          "5",
          "{");

  @Property(tries = 10_000)
  void anyRequestIsTranslatedOrRejected(@ForAll("requests") String request) {
    try {
      ProviderRequest written =
          new Anthropic()
              .translateRequest(ModelRequest.parse(Operation.CHAT, request.getBytes(UTF_8)));
      JsonNode body = ProviderJson.MAPPER.readTree(written.body());
      assertThat(body.path("messages").isArray()).isTrue();
      assertThat(body.has("max_tokens")).isTrue();
    } catch (InvalidInputException e) {
      assertThat(e.errors()).isNotEmpty();
    }
  }

  @Property(tries = 10_000)
  void anyEventsAreTranslatedOrAnError(@ForAll("streams") List<String> events) {
    ModelRequest request =
        ModelRequest.parse(
            Operation.CHAT,
            "{\"stream\":true,\"stream_options\":{\"include_usage\":true}}".getBytes(UTF_8));
    StreamReader reader =
        new Anthropic()
            .createStreamReader(request, Instant.EPOCH, new MemoryBudget(64 << 20).open());
    StringBuilder out = new StringBuilder();
    for (String event : events) {
      out.append(new String(reader.read(("data: " + event + "\n\n").getBytes(UTF_8)), UTF_8));
    }
    out.append(new String(reader.finish(), UTF_8));

    for (String event : out.toString().lines().filter(it -> !it.isEmpty()).toList()) {
      if (!event.equals("data: [DONE]")) {
        JsonNode chunk = ProviderJson.MAPPER.readTree(event.substring("data: ".length()));
        assertThat(chunk.path("choices").isArray()).isTrue();
      }
    }
    assertThat(out.toString().endsWith("data: [DONE]\n\n"))
        .isEqualTo(reader.isComplete() && reader.error().isEmpty());
  }

  @Provide
  Arbitrary<String> requests() {
    Arbitrary<String> roles =
        Arbitraries.of("user", "user", "assistant", "assistant", "tool", "system", "critic");
    Arbitrary<String> message =
        Combinators.combine(roles, members(MESSAGE_MEMBERS))
            .as((role, members) -> "{\"role\":\"" + role + "\"" + members + "}");
    return Combinators.combine(
            Arbitraries.of("claude-3-haiku", "claude-opus-4-1", "claude-opus-5"),
            message.list().ofMinSize(1).ofMaxSize(4).map(it -> String.join(",", it)),
            members(REQUEST_MEMBERS))
        .as((model, messages, members) ->
            "{\"model\":\"" + model + "\",\"messages\":[" + messages + "]" + members + "}");
  }

  private static Arbitrary<String> members(List<String> names) {
    return Arbitraries.maps(Arbitraries.of(names), Arbitraries.of(VALUES))
        .ofMaxSize(3)
        .map(members ->
            members.entrySet().stream()
                .map(it -> ",\"" + it.getKey() + "\":" + it.getValue())
                .collect(Collectors.joining()));
  }

  @Provide
  Arbitrary<List<String>> streams() {
    return Arbitraries.of(EVENTS).list().ofMaxSize(12);
  }
}
