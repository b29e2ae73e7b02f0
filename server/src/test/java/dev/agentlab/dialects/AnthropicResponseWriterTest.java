package dev.agentlab.dialects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentlab.conversation.FinishReason;
import dev.agentlab.conversation.StreamEvent;
import dev.agentlab.conversation.StreamEvent.ChoiceFinished;
import dev.agentlab.conversation.StreamEvent.ChoiceVendorData;
import dev.agentlab.conversation.StreamEvent.ReasoningDelta;
import dev.agentlab.conversation.StreamEvent.ReasoningEnded;
import dev.agentlab.conversation.StreamEvent.ReasoningStarted;
import dev.agentlab.conversation.StreamEvent.ResponseFailed;
import dev.agentlab.conversation.StreamEvent.ResponseFinished;
import dev.agentlab.conversation.StreamEvent.ResponseStarted;
import dev.agentlab.conversation.StreamEvent.TextDelta;
import dev.agentlab.conversation.StreamEvent.TextEnded;
import dev.agentlab.conversation.StreamEvent.TextStarted;
import dev.agentlab.conversation.StreamEvent.ToolInputDelta;
import dev.agentlab.conversation.StreamEvent.ToolInputEnded;
import dev.agentlab.conversation.StreamEvent.ToolInputStarted;
import dev.agentlab.conversation.StreamEvent.VendorContent;
import dev.agentlab.conversation.TokenClass;
import dev.agentlab.conversation.TokenUsage;
import dev.agentlab.conversation.VendorMembers;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class AnthropicResponseWriterTest {
  private static final Instant AT = Instant.ofEpochSecond(1_750_000_000);

  @Test
  void blocksAreInTheOrderOfTheirFirstContent() {
    JsonNode message =
        message(
            new ResponseStarted(Optional.of("id"), Optional.of("o"), OptionalLong.of(5)),
            new ReasoningStarted(0, 0),
            new ReasoningDelta(0, 0, "H"),
            new ReasoningDelta(0, 0, "m."),
            new ReasoningEnded(0, 0, Optional.empty(), Optional.empty(), Optional.empty()),
            new TextStarted(0, 1),
            new TextStarted(0, 2),
            new TextDelta(0, 2, "I look."),
            new TextEnded(0, 2),
            new ToolInputStarted(0, 3, "a", "f", "{\"x\":", Optional.empty()),
            new ToolInputStarted(0, 4, "b", "g", "", Optional.empty()),
            new ToolInputDelta(0, 3, "1.50}"),
            new ToolInputEnded(0, 3),
            new ToolInputEnded(0, 4),
            new TextEnded(0, 1),
            new ChoiceFinished(0, FinishReason.TOOL_CALLS, "openai", "tool_calls"),
            new ResponseFinished(new TokenUsage(3, 4), Optional.empty()));

    assertThat(message)
        .isEqualTo(
            json(
                """
                {"id": "id", "type": "message", "role": "assistant", "model": "o", "content": [
                  {"type": "thinking", "thinking": "Hm.", "signature": ""},
                  {"type": "text", "text": "I look."},
                  {"type": "tool_use", "id": "a", "name": "f", "input": {"x": 1.50}},
                  {"type": "tool_use", "id": "b", "name": "g", "input": {}}],
                 "stop_reason": "tool_use", "stop_sequence": null,
                 "usage": {"input_tokens": 3, "cache_creation_input_tokens": 0,
                  "cache_read_input_tokens": 0, "output_tokens": 4}}\
                """));
  }

  @Test
  void idAndModelAreMadeIfTheProviderReportsNone() {
    JsonNode message = message();

    assertThat(message.path("id").stringValue()).isEqualTo("msg_1750000000000");
    assertThat(message.path("model").stringValue()).isEqualTo("m");
    assertThat(message.path("stop_reason").stringValue()).isEqualTo("end_turn");
  }

  @Test
  void contentOfAnthropicIsItsOwnBlocks() {
    String thinking = "{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"s\",\"x\":1}";
    String search =
        "{\"type\":\"server_tool_use\",\"id\":\"s\",\"name\":\"web_search\",\"input\":{\"q\":1}}";
    JsonNode message =
        message(
            new ReasoningStarted(0, 0),
            new ReasoningEnded(
                0,
                0,
                Optional.of("s"),
                Optional.empty(),
                Optional.of(members("anthropic", "{\"content\":[" + thinking + "]}"))),
            content("anthropic", "{\"content\":[" + search + "]}"),
            new TextStarted(0, 1),
            content("anthropic", "{\"citations\":[{\"url\":\"u\"}]}"),
            new TextDelta(0, 1, "a"),
            new TextEnded(0, 1));

    assertThat(message.path("content"))
        .isEqualTo(
            json(
                "["
                    + thinking
                    + ","
                    + search
                    + ",{\"type\":\"text\",\"text\":\"a\",\"citations\":[{\"url\":\"u\"}]}]"));
  }

  @Test
  void membersOfAnthropicAreMembersOfTheMessage() {
    JsonNode message =
        message(
            new ChoiceVendorData(
                0,
                members(
                    "anthropic",
                    "{\"stop_sequence\":\"END\",\"container\":{\"id\":\"c\"},"
                        + "\"stop_reason\":\"x\"}")),
            new ChoiceFinished(0, FinishReason.STOP, "anthropic", "stop_sequence"));

    assertThat(message.path("stop_reason").stringValue()).isEqualTo("stop_sequence");
    assertThat(message.path("stop_sequence").stringValue()).isEqualTo("END");
    assertThat(message.at("/container/id").stringValue()).isEqualTo("c");
  }

  @Test
  void dataOfOtherVendorsIsExtraContent() {
    JsonNode message =
        message(
            new ChoiceVendorData(0, members("google", "{\"a\":1,\"b\":[1]}")),
            new ChoiceVendorData(0, members("google", "{\"b\":[2]}")),
            new ResponseFinished(
                new TokenUsage(
                    Map.of(),
                    OptionalLong.empty(),
                    Optional.of(members("google", "{\"trafficType\":\"t\"}"))),
                Optional.of(members("google", "{\"c\":2}"))));

    assertThat(message.path("extra_content"))
        .isEqualTo(json("{\"google\":{\"a\":1,\"b\":[2],\"c\":2}}"));
    assertThat(message.at("/usage/extra_content/google/trafficType").stringValue()).isEqualTo("t");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''        | {}",
        "' '       | {}",
        "{}        | {}",
        "' {\"a\": [1e400]} ' | {\"a\": [1e400]}",
        "{\"a\":1  | {\"INVALID_JSON\":\"{\\\"a\\\":1\"}",
        "{} {}     | {\"INVALID_JSON\":\"{} {}\"}",
        "null      | {\"INVALID_JSON\":\"null\"}",
        "[1]       | {\"INVALID_JSON\":\"[1]\"}",
      })
  void inputOfAToolIsAnObject(String arguments, String input) {
    JsonNode message =
        message(
            new ToolInputStarted(0, 0, "a", "f", arguments, Optional.empty()),
            new ToolInputEnded(0, 0));

    assertThat(message.at("/content/0/input")).isEqualTo(json(input));
  }

  @ParameterizedTest
  @CsvSource({
    "STOP, openai, stop, end_turn",
    "LENGTH, openai, length, max_tokens",
    "TOOL_CALLS, openai, tool_calls, tool_use",
    "CONTENT_FILTER, google, SAFETY, refusal",
    "OTHER, openai, eos, end_turn",
    "STOP, bedrock, stop_sequence, stop_sequence",
    "LENGTH, bedrock, model_context_window_exceeded, model_context_window_exceeded",
    "OTHER, anthropic, pause_turn, pause_turn",
    "OTHER, anthropic, bored, bored",
    "OTHER, bedrock, bored, end_turn",
  })
  void finishReasonIsAStopReason(
      FinishReason reason, String vendor, String word, String stopReason) {
    assertThat(
            message(new ChoiceFinished(0, reason, vendor, word)).path("stop_reason").stringValue())
        .isEqualTo(stopReason);
  }

  @Test
  void messageWithToolCallsStopsForThem() {
    JsonNode message =
        message(
            new ToolInputStarted(0, 0, "", "f", "{}", Optional.empty()),
            new ToolInputEnded(0, 0),
            new ChoiceFinished(0, FinishReason.STOP, "openai", "stop"));

    assertThat(message.path("stop_reason").stringValue()).isEqualTo("tool_use");
    assertThat(message.at("/content/0/id").stringValue()).isEqualTo("toolu_1750000000000_0");
  }

  @Test
  void usageIsThatOfTheResponse() {
    AnthropicResponseWriter writer = new AnthropicResponseWriter("m", AT);
    TokenUsage usage =
        new TokenUsage.Builder()
            .count(TokenClass.INPUT, 1)
            .count(TokenClass.CACHED_INPUT, 2)
            .count(TokenClass.CACHE_WRITE_5_MINUTES, 3)
            .count(TokenClass.CACHE_WRITE_1_HOUR, 4)
            .count(TokenClass.OUTPUT, 5)
            .count(TokenClass.REASONING, 5)
            .further(members("anthropic", "{\"service_tier\":\"standard\"}"))
            .build();
    writer.write(new ChoiceFinished(0, FinishReason.LENGTH, "openai", "length"));
    writer.write(new ResponseFinished(usage, Optional.empty()));
    CompleteAnswer answer = writer.toAnswer();

    assertThat(answer.usage()).isEqualTo(usage);
    assertThat(answer.finishReason()).contains(FinishReason.LENGTH);
    assertThat(
            AnthropicResponseReader.usage(
                ProviderJson.MAPPER.readTree(answer.json()).path("usage")))
        .satisfies(read -> assertThat(read.counts()).isEqualTo(usage.counts()));
  }

  @Test
  void errorIsThrown() {
    AnthropicResponseWriter writer = new AnthropicResponseWriter("m", AT);

    assertThatThrownBy(() ->
            writer.write(
                new ResponseFailed(
                    "overloaded", Optional.empty(), Optional.empty(), Optional.empty())))
        .isInstanceOf(ProviderErrorException.class)
        .hasMessage("overloaded");
  }

  private static VendorContent content(String vendor, String json) {
    return new VendorContent(0, members(vendor, json));
  }

  private static VendorMembers members(String vendor, String json) {
    return new VendorMembers(vendor, (ObjectNode) json(json));
  }

  private static JsonNode json(String json) {
    return ProviderJson.MAPPER.readTree(json);
  }

  private static JsonNode message(StreamEvent... events) {
    AnthropicResponseWriter writer = new AnthropicResponseWriter("m", AT);
    Stream.of(events).forEach(writer::write);
    return json(new String(writer.toAnswer().json(), java.nio.charset.StandardCharsets.UTF_8));
  }
}
