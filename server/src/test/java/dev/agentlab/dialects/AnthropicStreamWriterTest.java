package dev.agentlab.dialects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentlab.conversation.FinishReason;
import dev.agentlab.conversation.StreamEvent;
import dev.agentlab.conversation.StreamEvent.ChoiceFinished;
import dev.agentlab.conversation.StreamEvent.MessageStarted;
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
import dev.agentlab.memory.MemoryBudget;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

class AnthropicStreamWriterTest {
  private static final Instant AT = Instant.ofEpochSecond(1_750_000_000);
  private static final StreamEvent FINISHED =
      new ResponseFinished(TokenUsage.NONE, Optional.empty());
  private static final String MESSAGE_START =
      """
      event: message_start
      data: {"type":"message_start","message":{"id":"msg_1750000000000","type":"message",\
      "role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,\
      "usage":{"input_tokens":0,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,\
      "output_tokens":0}}}

      """;

  @Test
  void textIsWrittenPartByPart() {
    AnthropicStreamWriter writer = new AnthropicStreamWriter("m", AT);

    writer.write(new ResponseStarted(Optional.of("msg_1"), Optional.of("o"), OptionalLong.empty()));
    assertThat(text(writer))
        .startsWith(
            "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",")
        .contains("\"model\":\"o\"");
    writer.write(new MessageStarted(0));
    writer.write(new TextStarted(0, 0));
    assertThat(text(writer)).isEmpty();
    writer.write(new TextDelta(0, 0, "Grüße\n"));
    assertThat(text(writer))
        .isEqualTo(
            """
            event: content_block_start
            data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

            event: content_block_delta
            data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta",\
            "text":"Grüße\\n"}}

            """);
    writer.write(new TextDelta(0, 0, ""));
    assertThat(text(writer)).isEmpty();
    writer.write(new TextEnded(0, 0));
    assertThat(text(writer))
        .isEqualTo(
            """
            event: content_block_stop
            data: {"type":"content_block_stop","index":0}

            """);
    writer.write(new ChoiceFinished(0, FinishReason.LENGTH, "openai", "length"));
    assertThat(text(writer)).isEmpty();
    writer.write(
        new ResponseFinished(
            new TokenUsage(
                Map.of(
                    TokenClass.INPUT, 10L,
                    TokenClass.CACHED_INPUT, 20L,
                    TokenClass.CACHE_WRITE_5_MINUTES, 30L,
                    TokenClass.CACHE_WRITE_1_HOUR, 40L,
                    TokenClass.OUTPUT, 50L,
                    TokenClass.REASONING, 5L),
                OptionalLong.of(150),
                Optional.empty()),
            Optional.empty()));
    assertThat(text(writer))
        .isEqualTo(
            """
            event: message_delta
            data: {"type":"message_delta","delta":{"stop_reason":"max_tokens",\
            "stop_sequence":null},"usage":{"input_tokens":10,"cache_creation_input_tokens":70,\
            "cache_read_input_tokens":20,"cache_creation":{"ephemeral_5m_input_tokens":30,\
            "ephemeral_1h_input_tokens":40},"output_tokens":50,\
            "output_tokens_details":{"thinking_tokens":5}}}

            event: message_stop
            data: {"type":"message_stop"}

            """);
  }

  @Test
  void messageWithoutContentIsComplete() {
    assertThat(written(new ChoiceFinished(0, FinishReason.STOP, "google", "STOP"), FINISHED))
        .isEqualTo(
            MESSAGE_START
                + """
                event: message_delta
                data: {"type":"message_delta","delta":{"stop_reason":"end_turn",\
                "stop_sequence":null},"usage":{"input_tokens":0,"cache_creation_input_tokens":0,\
                "cache_read_input_tokens":0,"output_tokens":0}}

                event: message_stop
                data: {"type":"message_stop"}

                """);
  }

  @Test
  void errorIsNotWritten() {
    assertThat(
            written(new ResponseFailed("x", Optional.empty(), Optional.empty(), Optional.empty())))
        .isEmpty();
  }

  @Test
  void signedThinkingOfAnthropicIsItsOwnBlock() {
    assertThat(
            written(
                new ReasoningStarted(0, 0),
                new ReasoningDelta(0, 0, "Hm."),
                new ReasoningEnded(
                    0,
                    0,
                    Optional.of("s"),
                    Optional.empty(),
                    own("{\"type\":\"thinking\",\"thinking\":\"Hm.\",\"signature\":\"s\"}")),
                new ReasoningStarted(0, 1),
                new ReasoningEnded(
                    0,
                    1,
                    Optional.empty(),
                    Optional.of("E"),
                    own("{\"type\":\"redacted_thinking\",\"data\":\"E\"}")),
                new ReasoningStarted(0, 2),
                new ReasoningEnded(
                    0,
                    2,
                    Optional.of("t"),
                    Optional.empty(),
                    own("{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"t\"}"))))
        .isEqualTo(
            MESSAGE_START
                + """
                event: content_block_start
                data: {"type":"content_block_start","index":0,"content_block":{"type":"thinking",\
                "thinking":"","signature":""}}

                event: content_block_delta
                data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta",\
                "thinking":"Hm."}}

                event: content_block_delta
                data: {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta",\
                "signature":"s"}}

                event: content_block_stop
                data: {"type":"content_block_stop","index":0}

                event: content_block_start
                data: {"type":"content_block_start","index":1,"content_block":\
                {"type":"redacted_thinking","data":"E"}}

                event: content_block_stop
                data: {"type":"content_block_stop","index":1}

                event: content_block_start
                data: {"type":"content_block_start","index":2,"content_block":{"type":"thinking",\
                "thinking":"","signature":""}}

                event: content_block_delta
                data: {"type":"content_block_delta","index":2,"delta":{"type":"signature_delta",\
                "signature":"t"}}

                event: content_block_stop
                data: {"type":"content_block_stop","index":2}

                """);
  }

  @Test
  void reasoningOfAnotherVendorIsFollowedByItsCarrier() {
    VendorMembers original = members("bedrock", "{\"reasoning\":[{\"redactedContent\":\"x\"}]}");
    String carrier =
        ReplayCarrier.encode(
            ProviderJson.object().set("bedrock", original.members()), Optional.empty());

    assertThat(
            written(
                new ReasoningStarted(0, 0),
                new ReasoningDelta(0, 0, "Hm."),
                new ReasoningEnded(0, 0, Optional.of("s"), Optional.empty(), Optional.of(original)),
                new TextDelta(0, 1, "4")))
        .isEqualTo(
            MESSAGE_START
                + """
                event: content_block_start
                data: {"type":"content_block_start","index":0,"content_block":{"type":"thinking",\
                "thinking":"","signature":""}}

                event: content_block_delta
                data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta",\
                "thinking":"Hm."}}

                event: content_block_stop
                data: {"type":"content_block_stop","index":0}

                event: content_block_start
                data: {"type":"content_block_start","index":1,"content_block":\
                {"type":"redacted_thinking","data":"%s"}}

                event: content_block_stop
                data: {"type":"content_block_stop","index":1}

                event: content_block_start
                data: {"type":"content_block_start","index":2,"content_block":{"type":"text",\
                "text":""}}

                event: content_block_delta
                data: {"type":"content_block_delta","index":2,"delta":{"type":"text_delta",\
                "text":"4"}}

                """
                    .formatted(carrier));
  }

  @Test
  void overlappingToolCallsAreWrittenOneAfterAnother() {
    assertThat(
            written(
                new ToolInputStarted(0, 0, "a", "f", "", Optional.empty()),
                new ToolInputDelta(0, 0, " "),
                new ToolInputStarted(0, 1, "b", "g", "{}", Optional.empty()),
                new ToolInputDelta(0, 0, "{\"x\":"),
                new ToolInputEnded(0, 1),
                new ToolInputDelta(0, 0, " 1}"),
                new ToolInputEnded(0, 0)))
        .isEqualTo(
            MESSAGE_START
                + """
                event: content_block_start
                data: {"type":"content_block_start","index":0,"content_block":{"type":"tool_use",\
                "id":"a","name":"f","input":{}}}

                event: content_block_delta
                data: {"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta",\
                "partial_json":"{\\"x\\":"}}

                event: content_block_delta
                data: {"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta",\
                "partial_json":" 1}"}}

                event: content_block_stop
                data: {"type":"content_block_stop","index":0}

                event: content_block_start
                data: {"type":"content_block_start","index":1,"content_block":{"type":"tool_use",\
                "id":"b","name":"g","input":{}}}

                event: content_block_delta
                data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta",\
                "partial_json":"{}"}}

                event: content_block_stop
                data: {"type":"content_block_stop","index":1}

                """);
  }

  @Test
  void dataOfAToolCallPrecedesIt() {
    VendorMembers data = members("google", "{\"thought_signature\":\"s\"}");
    List<ObjectNode> starts =
        starts(
            written(
                new ToolInputStarted(0, 0, "", "f", "{}", Optional.of(data)),
                new ToolInputEnded(0, 0)));

    assertThat(starts).hasSize(2);
    assertThat(starts.get(1).path("id").stringValue()).isEqualTo("toolu_1750000000000_0");
    assertThat(ReplayCarrier.decode(starts.getFirst().path("data").stringValue()))
        .contains(
            new ReplayCarrier.Carried(
                ProviderJson.object().set("google", data.members()),
                Optional.of("toolu_1750000000000_0")));
  }

  @Test
  void contentOfAnotherVendorIsCarriedOnceBeforeTheNextBlock() {
    List<ObjectNode> starts =
        starts(
            written(
                new TextDelta(0, 0, "a"),
                content("openai", "{\"refusal\":null,\"annotations\":[]}"),
                content("openai", "{\"reasoning\":\"b\",\"annotations\":[1]}"),
                new TextDelta(0, 0, "c"),
                content("openai", "{\"reasoning\":\"d\",\"annotations\":[2]}"),
                content("openai", "{\"reasoning\":\"\"}"),
                new TextEnded(0, 0),
                new ToolInputStarted(0, 1, "t", "f", "{}", Optional.empty()),
                new ToolInputEnded(0, 1),
                content("google", "{\"thought_signature\":\"s\"}"),
                FINISHED));

    assertThat(starts.stream().map(it -> it.path("type").stringValue()))
        .containsExactly("text", "redacted_thinking", "tool_use", "redacted_thinking");
    assertThat(carried(starts.get(1)))
        .isEqualTo(json("{\"openai\":{\"reasoning\":\"bd\",\"annotations\":[1,2]}}"));
    assertThat(carried(starts.get(3)))
        .isEqualTo(json("{\"google\":{\"thought_signature\":\"s\"}}"));
  }

  @Test
  void refusalIsText() {
    ObjectNode message =
        AnthropicStreamChecker.read(
                bytes(
                    content("openai", "{\"refusal\":\"I \"}"),
                    content("openai", "{\"refusal\":\"cannot.\"}"),
                    new ChoiceFinished(0, FinishReason.STOP, "openai", "stop"),
                    FINISHED))
            .message();

    assertThat(message.at("/content/0/text").stringValue()).isEqualTo("I cannot.");
    assertThat(message.path("stop_reason").stringValue()).isEqualTo("refusal");
  }

  @Test
  void inputOfAnthropicsOwnToolsFollowsInADelta() {
    assertThat(
            written(
                content(
                    "anthropic",
                    "{\"content\":[{\"type\":\"server_tool_use\",\"id\":\"s\","
                        + "\"name\":\"web_search\",\"input\":{\"q\":1}}]}")))
        .isEqualTo(
            MESSAGE_START
                + """
                event: content_block_start
                data: {"type":"content_block_start","index":0,"content_block":\
                {"type":"server_tool_use","id":"s","name":"web_search","input":{}}}

                event: content_block_delta
                data: {"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta",\
                "partial_json":"{\\"q\\":1}"}}

                event: content_block_stop
                data: {"type":"content_block_stop","index":0}

                """);
  }

  @Test
  void citationBelongsToTheTextThatHasStarted() {
    assertThat(
            written(
                new TextStarted(0, 0),
                content("anthropic", "{\"citations\":[{\"type\":\"char_location\"}]}")))
        .isEqualTo(
            MESSAGE_START
                + """
                event: content_block_start
                data: {"type":"content_block_start","index":0,"content_block":{"type":"text",\
                "text":""}}

                event: content_block_delta
                data: {"type":"content_block_delta","index":0,"delta":{"type":"citations_delta",\
                "citation":{"type":"char_location"}}}

                """);
  }

  @Test
  void otherChoicesAreNotWritten() {
    assertThat(
            written(
                new TextDelta(1, 0, "a"),
                new ChoiceFinished(1, FinishReason.LENGTH, "openai", "length")))
        .isEqualTo(MESSAGE_START);
  }

  @Test
  void outputEndsAtAnEventBoundaryAfterInvalidText() {
    AnthropicStreamWriter writer = new AnthropicStreamWriter("m", AT);
    writer.write(new MessageStarted(0));

    assertThatThrownBy(() -> writer.write(new TextDelta(0, 0, "a\ud800")))
        .isInstanceOf(ProviderErrorException.class);
    assertThat(text(writer)).isEqualTo(MESSAGE_START);
  }

  @Test
  void memoryOfWaitingBlocksIsReleased() {
    AnthropicStreamWriter writer = new AnthropicStreamWriter("m", AT);
    writer.write(new ToolInputStarted(0, 0, "a", "f", "{}", Optional.empty()));
    assertThat(writer.retainedBytes()).isZero();
    writer.write(new ToolInputStarted(0, 1, "b", "f", "x".repeat(5_000), Optional.empty()));
    assertThat(writer.retainedBytes()).isGreaterThan(10_000);
    writer.write(new ToolInputEnded(0, 0));
    assertThat(writer.retainedBytes()).isZero();
    assertThat(text(writer)).contains("x".repeat(5_000));
  }

  @Test
  void waitingBlocksAreBoundedByMemory() {
    StreamMemory memory = new StreamMemory(new MemoryBudget(100_000).open());
    TranslatedStream stream =
        new TranslatedStream(
            memory,
            new AnthropicStreamWriter("m", AT),
            events -> OpenAi.withRules().createReader(memory, AT, events));
    stream.read(call(0, "{"));
    for (int i = 0; i < 100 && stream.error().isEmpty(); i++) {
      stream.read(call(1, "x".repeat(1_000)));
    }

    assertThat(stream.error().orElseThrow()).hasMessage("the service is out of memory");
  }

  private static byte[] call(int index, String arguments) {
    return """
    data: {"choices":[{"delta":{"tool_calls":[{"index":%d,"id":"c","function":\
    {"name":"f","arguments":"%s"}}]}}]}

    """
        .formatted(index, arguments)
        .getBytes(UTF_8);
  }

  private static VendorContent content(String vendor, String json) {
    return new VendorContent(0, members(vendor, json));
  }

  private static VendorMembers members(String vendor, String json) {
    return new VendorMembers(vendor, json(json));
  }

  private static Optional<VendorMembers> own(String block) {
    return Optional.of(members("anthropic", "{\"content\":[" + block + "]}"));
  }

  private static ObjectNode json(String json) {
    return (ObjectNode) ProviderJson.MAPPER.readTree(json);
  }

  private static ObjectNode carried(ObjectNode block) {
    return ReplayCarrier.decode(block.path("data").stringValue()).orElseThrow().byVendor();
  }

  private static List<ObjectNode> starts(String stream) {
    return stream
        .lines()
        .filter(line -> line.startsWith("data: {\"type\":\"content_block_start\""))
        .map(line -> (ObjectNode) json(line.substring("data: ".length())).path("content_block"))
        .toList();
  }

  private static String text(AnthropicStreamWriter writer) {
    return new String(writer.take(), UTF_8);
  }

  private static String written(StreamEvent... events) {
    return new String(bytes(events), UTF_8);
  }

  private static byte[] bytes(StreamEvent... events) {
    AnthropicStreamWriter writer = new AnthropicStreamWriter("m", AT);
    Stream.of(events).forEach(writer::write);
    return writer.take();
  }
}
