package dev.agentlab.dialects;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.agentlab.memory.MemoryBudget;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.eventstream.HeaderValue;
import software.amazon.eventstream.Message;

/// Streams and responses without a completion, or with invalid data, in every dialect.
class InvalidResponseTest {
  private static final ModelRequest REQUEST =
      ModelRequest.of(Operation.CHAT, ProviderJson.object().put("model", "m").put("stream", true));

  /// In ISO 8859-1: an invalid byte, a lone continuation byte, a lone lead byte, an overlong NUL, a
  /// surrogate, a code point beyond Unicode, and a truncated character.
  private static final List<String> INVALID_UTF8 =
      List.of(
          "\u00ff",
          "\u0080",
          "\u00c3(",
          "\u00c0\u0080",
          "\u00ed\u00a0\u0080",
          "\u00f4\u0090\u0080\u0080",
          "\u00e2\u0082");

  private static final String OPENAI_CHUNK =
      "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"TEXT\"}}]}\n\n";
  private static final String OPENAI_STOP =
      "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
  private static final String DONE = "data: [DONE]\n\n";

  /// Complete streams in which TEXT is a placeholder for text.
  private static final Map<Dialect, String> STREAMS =
      Map.of(
          OpenAi.withRules(),
          OPENAI_CHUNK + OPENAI_STOP + DONE,
          new Anthropic(),
          """
          data: {"type": "message_start", "message": {"id": "a", "model": "m"}}

          data: {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": "TEXT"}}

          data: {"type": "message_delta", "delta": {"stop_reason": "end_turn"}}

          data: {"type": "message_stop"}

          """,
          new Gemini(),
          """
          data: {"candidates": [{"content": {"parts": [{"text": "TEXT"}]}, "finishReason": "STOP"}]}

          """,
          new BedrockConverse(),
          bedrockEvent("messageStart", "{\"role\": \"assistant\"}")
              + bedrockEvent("contentBlockDelta", "{\"delta\": {\"text\": \"TEXT\"}}")
              + bedrockEvent("messageStop", "{\"stopReason\": \"end_turn\"}"));

  /// Non-streaming responses in which TEXT is a placeholder for text.
  private static final Map<Dialect, String> RESPONSES =
      Map.of(
          OpenAi.withRules(),
          "{\"choices\": [{\"message\": {\"content\": \"TEXT\"}}]}",
          new Anthropic(),
          "{\"content\": [{\"type\": \"text\", \"text\": \"TEXT\"}], \"stop_reason\": \"end_turn\"}",
          new Gemini(),
          "{\"candidates\": [{\"content\": {\"parts\": [{\"text\": \"TEXT\"}]}}]}",
          new BedrockConverse(),
          "{\"output\": {\"message\": {\"content\": [{\"text\": \"TEXT\"}]}}, \"stopReason\": \"x\"}");

  /// The output, decoded as ISO 8859-1.
  private record Read(String events, StreamReader reader) {}

  static Stream<Arguments> streamsWithInvalidUtf8() {
    return withInvalidUtf8(STREAMS);
  }

  static Stream<Arguments> responsesWithInvalidUtf8() {
    return withInvalidUtf8(RESPONSES);
  }

  private static Stream<Arguments> withInvalidUtf8(Map<Dialect, String> texts) {
    return texts.entrySet().stream()
        .flatMap(it ->
            INVALID_UTF8.stream()
                .map(bytes ->
                    Arguments.of(
                        it.getKey().getClass().getSimpleName(),
                        it.getKey(),
                        filled(it.getValue(), bytes))));
  }

  @ParameterizedTest(name = "{0} {index}")
  @MethodSource("streamsWithInvalidUtf8")
  void streamWithInvalidUtf8IsAnError(String name, Dialect dialect, byte[] stream) {
    Read read = read(dialect, stream);

    assertThat(read.reader.error()).isPresent();
    assertThat(read.reader.isComplete()).isFalse();
    assertThat(read.events).doesNotContain("[DONE]", "\u00ff", "\u00ed");
    assertThat(new String(stream, ISO_8859_1)).as(name).doesNotContain("TEXT");
  }

  @ParameterizedTest(name = "{0} {index}")
  @MethodSource("responsesWithInvalidUtf8")
  void responseWithInvalidUtf8IsAnError(String name, Dialect dialect, byte[] answer) {
    assertThatExceptionOfType(ProviderErrorException.class)
        .as(name)
        .isThrownBy(() -> dialect.translateResponse(REQUEST, answer, Instant.EPOCH));
  }

  @Test
  void streamsAndResponsesWithValidUtf8AreComplete() {
    STREAMS.forEach((dialect, stream) -> {
      Read read = read(dialect, filled(stream, new String("Grüße 👋".getBytes(UTF_8), ISO_8859_1)));
      assertThat(read.reader.error()).isEmpty();
      assertThat(read.reader.isComplete()).isTrue();
      assertThat(read.events).endsWith("data: [DONE]\n\n");
    });
    RESPONSES.forEach((dialect, answer) ->
        assertThat(dialect.translateResponse(REQUEST, answer.getBytes(UTF_8), Instant.EPOCH).json())
            .isNotEmpty());
  }

  @Test
  void invalidUtf8BetweenEventsIsAnError() {
    for (String field : List.of(": \u00ff\n\n", "id: \u00ff\n\n", "\u00ff\n\n")) {
      assertThat(
              read(
                      OpenAi.withRules(),
                      (OPENAI_CHUNK + field + OPENAI_STOP + DONE).getBytes(ISO_8859_1))
                  .reader
                  .error())
          .isPresent();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "data: [DONE]\n\n",
        "data:[DONE]",
        ": comment\n\ndata: [DONE]\n\n",
        "data: ping\n\ndata: [DONE]\n\n",
        "data: {}\n\ndata: [DONE]\n\n",
        "data: {\"id\": \"x\", \"object\": \"chat.completion.chunk\"}\n\ndata: [DONE]\n\n",
        "data: {\"choices\": {}}\n\ndata: [DONE]\n\n",
      })
  void doneWithoutChunkIsAnError(String stream) {
    Read read = read(OpenAi.withRules(), stream.getBytes(UTF_8));

    assertThat(read.reader.error()).isPresent();
    assertThat(read.reader.isComplete()).isFalse();
    assertThat(read.events).doesNotContain("[DONE]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[[[[",
        "[]",
        "[{\"choices\": []}]",
        "{[[[[",
        "{{{{",
        "{\"choices\": [{\"delta\": {\"content\": \"x",
        "{\"choices\": [{\"delta\": {\"content\": \"x\"}}]",
      })
  void eventThatIsNotAnObjectIsAnError(String data) {
    String damaged = "data: " + data + "\n\n";
    for (String stream :
        List.of(
            damaged + DONE,
            damaged + OPENAI_STOP + DONE,
            OPENAI_CHUNK + damaged + OPENAI_STOP + DONE)) {
      Read read = read(OpenAi.withRules(), stream.getBytes(UTF_8));

      assertThat(read.reader.error()).as(stream).isPresent();
      assertThat(read.reader.isComplete()).isFalse();
      assertThat(read.events).doesNotContain("[DONE]", data + "\n");
    }
  }

  @Test
  void endWithoutStartIsIncomplete() {
    for (String end :
        List.of(
            "data: {\"type\": \"message_stop\"}\n\n",
            "data: {\"type\": \"message_delta\", \"delta\": {\"stop_reason\": \"end_turn\"}}\n\n")) {
      assertIncomplete(new Anthropic(), end);
    }
    assertIncomplete(
        new BedrockConverse(), bedrockEvent("messageStop", "{\"stopReason\": \"end_turn\"}"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"data: [DONE]\n\n", "data: [[[[\n\n", "[[[[", "\u00ff\u00fe", "\u00ff\n\n", ""})
  void streamWithoutCompletionIsIncomplete(String stream) {
    STREAMS.keySet().forEach(dialect -> assertIncomplete(dialect, stream));
  }

  private static void assertIncomplete(Dialect dialect, String stream) {
    Read read = read(dialect, stream.getBytes(ISO_8859_1));

    assertThat(read.reader.isComplete()).as(dialect.getClass().getSimpleName()).isFalse();
    assertThat(read.events).doesNotContain("[DONE]");
  }

  private static byte[] filled(String text, String bytes) {
    return text.replace("TEXT", bytes).getBytes(ISO_8859_1);
  }

  private static Read read(Dialect dialect, byte[] stream) {
    byte[] framed =
        dialect instanceof BedrockConverse ? encoded(new String(stream, ISO_8859_1)) : stream;
    StreamReader reader =
        dialect.createStreamReader(REQUEST, Instant.EPOCH, new MemoryBudget(64 << 20).open());
    ByteArrayOutputStream events = new ByteArrayOutputStream();
    events.writeBytes(reader.read(framed));
    events.writeBytes(reader.finish());
    return new Read(events.toString(ISO_8859_1), reader);
  }

  /// A message of Amazon's event stream as one line, which [#encoded] encodes.
  private static String bedrockEvent(String type, String json) {
    return "%s\t%s\n".formatted(type, json);
  }

  private static byte[] encoded(String messages) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    messages
        .lines()
        .forEach(line -> {
          int tab = line.indexOf('\t');
          if (tab < 0) {
            bytes.writeBytes(line.getBytes(ISO_8859_1));
            return;
          }
          new Message(
                  Map.of(
                      ":message-type", HeaderValue.fromString("event"),
                      ":event-type", HeaderValue.fromString(line.substring(0, tab))),
                  line.substring(tab + 1).getBytes(ISO_8859_1))
              .encode(bytes);
        });
    return bytes.toByteArray();
  }
}
