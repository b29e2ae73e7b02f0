package dev.agentlab.dialects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.conversation.TokenUsage;
import dev.agentlab.memory.MemoryBudget;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// OpenAI streams as raw bytes, in the formats of different servers and networks.
class ChatCompletionsTapTest {
  private static final String HELLO =
      "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hé\"}}]}";
  private static final String STOP =
      "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}";
  private static final String USAGE = "{\"prompt_tokens\":5,\"completion_tokens\":2}";
  private static final String DONE = "data: [DONE]\n\n";

  /// The output for the caller, and the state of the reader.
  private record Read(
      String events, boolean isComplete, Optional<ProviderErrorException> error, TokenUsage usage) {
    String errorMessage() {
      return String.valueOf(error.orElseThrow().getMessage());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "data: HELLO\n\ndata: STOP\n\ndata: [DONE]\n\n",
        "data:HELLO\n\ndata:STOP\n\ndata:[DONE]\n\n",
        "data: HELLO\r\n\r\ndata: STOP\r\n\r\ndata: [DONE]\r\n\r\n",
        "data: HELLO\r\n\ndata: STOP\n\r\ndata: [DONE]\n\n",
        "data:\tHELLO\n\ndata: STOP \n\ndata:  [DONE] \n\n",
        "data: HELLO\n\n: OPENROUTER PROCESSING\n\ndata: STOP\n\ndata: [DONE]\n\n",
        ": c\ndata: HELLO\n\n: c\ndata: STOP\n: c\n\n: c\ndata: [DONE]\n\n",
        "event: message\ndata: HELLO\n\nid: 5\ndata: STOP\nretry: 3\n\nid: 6\ndata: [DONE]\n\n",
        "data: HELLO\nevent: message\n\ndata: STOP\n\ndata: [DONE]\n\n",
        "data: HELLO\n\n\n\ndata: STOP\n\ndata: [DONE]\n\n",
        "data: HELLO\n\ndata\n\ndata:\n\ndata: STOP\n\ndata: [DONE]\n\n",
        "data: ping\n\ndata: HELLO\n\ndata: STOP\n\ndata: [DONE]\n\n",
      })
  void eventsPassUnchangedInAnyFraming(String shape) {
    String stream = shape.replace("HELLO", HELLO).replace("STOP", STOP);

    Read read = read(stream, false);

    assertThat(read.events).isEqualTo(stream);
    assertThat(read.isComplete).isTrue();
    assertThat(read.error).isEmpty();
    Read unfinished = read(stream.replace(STOP, HELLO).replace("[DONE]", HELLO), false);
    assertThat(unfinished.isComplete).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {": OPENROUTER PROCESSING\n\n", "\n\n", "data\n\ndata:\n\n", "id: 1\r\n\r\n"})
  void eventsWithoutDataDoNotStartTheStream(String noData) {
    StreamReader reader = reader(false);

    assertThat(reader.read((noData + noData).getBytes(UTF_8))).isEmpty();
    assertThat(new String(reader.read(filled("data: HELLO\n\n" + noData).getBytes(UTF_8)), UTF_8))
        .isEqualTo(filled("data: HELLO\n\n" + noData));
  }

  @Test
  void loneCarriageReturnsEndLines() {
    Read read = read("data: HELLO\r\rdata: STOP\r\rdata: [DONE]\r\r", false);

    assertThat(read.events.replace('\r', '\n'))
        .isEqualTo("data: %s\n\ndata: %s\n\n%s".formatted(HELLO, STOP, DONE));
    assertThat(read.isComplete).isTrue();
  }

  @Test
  void byteOrderMarkIsNotPartOfTheFirstEvent() {
    assertThat(read("\uFEFFdata: STOP\n\n", false).events)
        .isEqualTo("data: " + STOP + "\n\n" + DONE);
    assertThat(read("\uFEFFdata: STOP", false).events).isEqualTo("data: " + STOP + "\n\n" + DONE);
  }

  @Test
  void jsonOverSeveralLinesIsParsed() {
    String pretty =
        """
        data: {
        data:   "choices": [{"index": 0, "delta": {}, "finish_reason":
        data:     "stop"}],
        data:   "usage":
        data:     {"prompt_tokens": 5}
        data: }

        """;

    Read read = read(pretty, false);

    assertThat(read.events).isEqualTo(pretty + DONE);
    assertThat(read.isComplete).isTrue();
    assertThat(read.usage)
        .isEqualTo(OpenAiUsage.CHAT.read(ProviderJson.MAPPER.readTree("{\"prompt_tokens\": 5}")));
    assertThat(read("data: {\ndata: \"error\":\ndata: {\"message\": \"no\"}}\n\n", false).error)
        .isPresent();
  }

  @Test
  void lastUsageIsRecordedAndPassedOnlyIfRequested() {
    String stream =
        "data: STOP\n\ndata: {\"choices\":[],\"usage\": USAGE,\"x\":1.50}\n\ndata: [DONE]\n\n";

    Read requested = read(stream, false);
    Read internal = read(stream, true);

    assertThat(requested.events).isEqualTo(filled(stream));
    assertThat(internal.events).isEqualTo("data: " + STOP + "\n\n" + DONE);
    assertThat(requested.usage).isEqualTo(internal.usage).isEqualTo(new TokenUsage(5, 2));
  }

  @Test
  void hiddenUsageIsRemovedFromChunkWithChoice() {
    String stream =
        """
        data: {"id":"a","choices":[{"index":0,"delta":{"content":"x"},"finish_reason":"stop"}],\
        "usage":USAGE,"cost":0.000010}

        data: [DONE]

        """;

    Read requested = read(stream, false);
    Read internal = read(stream, true);

    assertThat(requested.events).isEqualTo(filled(stream));
    assertThat(internal.events).isEqualTo(filled(stream).replace(",\"usage\":" + USAGE, ""));
    assertThat(internal.usage).isEqualTo(new TokenUsage(5, 2));
    assertThat(internal.isComplete).isTrue();
  }

  @Test
  void nullUsageInEveryEventPasses() {
    String stream = "data: {\"choices\":[{\"delta\":{}}],\"usage\":null}\n\n";

    assertThat(read(stream, true).events).isEqualTo(stream);
    assertThat(read(stream, true).usage).isEqualTo(TokenUsage.NONE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "data: {\"error\":{\"message\":\"no capacity\",\"type\":\"server_error\"}}\n\n",
        "data: {\"error\" : {\"type\":\"server_error\",\"message\":\"no capacity\"}}\n\n",
        "data: {\"id\":\"x\",\"choices\":[],\"error\":{\"message\":\"no capacity\","
            + "\"type\":\"server_error\"}}\n\n",
        "data: {\"object\":\"error\",\"message\":\"no capacity\",\"type\":\"server_error\"}\n\n",
        "event: error\ndata: {\"error\":{\"message\":\"no capacity\",\"type\":\"server_error\"}}\n\n",
        "event: error\ndata: {\"message\":\"no capacity\",\"type\":\"server_error\"}\n\n",
        "data: {\"message\":\"no capacity\",\"type\":\"server_error\"}\nevent: error\n\n",
        "{\"error\":{\"message\":\"no capacity\",\"type\":\"server_error\"}}",
        "{\n  \"error\": {\"message\":\"no capacity\",\"type\":\"server_error\"}\n}\n",
        "[{\"error\": {\"message\":\"no capacity\",\"type\":\"server_error\"}}]\n",
      })
  void errorWithinSuccessfulStreamIsDetected(String error) {
    Read read = read("data: HELLO\n\n" + error, false);

    assertThat(read.errorMessage()).isEqualTo("no capacity");
    assertThat(read.error.orElseThrow().type()).contains("server_error");
    assertThat(read.events).isEqualTo("data: " + HELLO + "\n\n");
    assertThat(read.isComplete).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "event: error\ndata: upstream went away\n\n",
        "data: {\"error\":\"upstream went away\"}\n\n",
        "event: error\ndata: \"upstream went away\"\n\n",
      })
  void plainTextErrorKeepsItsMessage(String error) {
    assertThat(read(error, false).errorMessage()).contains("upstream went away");
  }

  @Test
  void inputAfterDoneIsIgnored() {
    String whole = filled("data: STOP\n\n" + DONE);

    assertThat(read(whole + "data: HELLO\n\n: comment\n\ndata: HELLO", false).events)
        .isEqualTo(whole);
    Read late = read(whole + "data: {\"error\":{\"message\":\"too late\"}}\n\n", false);
    assertThat(late.events).isEqualTo(whole);
    assertThat(late.error).isEmpty();
  }

  @Test
  void inputAfterErrorIsIgnored() {
    Read read =
        read("data: STOP\n\ndata: {\"error\":{\"message\":\"a\"}}\n\ndata: STOP\n\n" + DONE, false);

    assertThat(read.events).isEqualTo("data: " + STOP + "\n\n");
    assertThat(read.errorMessage()).isEqualTo("a");
    assertThat(read.isComplete).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "data: HELLO\n\n",
        "data: HELLO\n\n: keep-alive\n\n",
        "data: HELLO\n\ndata: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_rea",
        "data: HELLO\n\ndata: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}",
        "data: HELLO\n\ndata: [DON",
        "data: HELLO\n\nda",
        "data: HELLO\n\ndata",
        "data: HELLO\n\n: keep",
        "data: HELLO\n\ndata: {\"choices\":[{\"delta\":{},\"finish_reason\":null}]}",
      })
  void truncatedStreamIsIncompleteAndGetsNoDone(String stream) {
    Read read = read(stream, false);

    assertThat(read.isComplete).isFalse();
    assertThat(read.events)
        .startsWith("data: " + HELLO + "\n\n")
        .endsWith("\n\n")
        .doesNotContain("DON", "finish_rea\"", "\"stop\"");
    assertThat(read.error).isEmpty();
  }

  @Test
  void finishedStreamWithoutDoneGetsDone() {
    assertThat(read("data: STOP\n\n", false).events).isEqualTo("data: " + STOP + "\n\n" + DONE);
    assertThat(read("data: STOP", false).events).isEqualTo("data: " + STOP + "\n\n" + DONE);
    assertThat(read("data: HELLO\n\ndata: [DONE]", false).events)
        .isEqualTo("data: " + HELLO + "\n\n" + DONE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\\\"finish_reason\\\":\\\"stop\\\"",
        "{\\\"error\\\":{\\\"message\\\":\\\"x\\\"}}",
        "\\\"error\\\": {",
        "\\\"usage\\\":{\\\"prompt_tokens\\\":1}",
        "data: [DONE]\\n\\n",
        "[DONE]",
        "error",
        "finish_reason",
        "usage",
        "\\\\",
        "event: error\\ndata: x",
      })
  void memberNamesInModelTextAreIgnored(String content) {
    String stream =
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"%s\"}}]}\n\n".formatted(content);

    Read read = read(stream, true);

    assertThat(read.events).isEqualTo(stream);
    assertThat(read.isComplete).isFalse();
    assertThat(read.error).isEmpty();
    assertThat(read.usage).isEqualTo(TokenUsage.NONE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"choices\":[{\"delta\":{\"error\":{\"message\":\"x\"}}}]}",
        "{\"choices\":[{\"delta\":{\"tool\":{\"finish_reason\":\"stop\"}}}]}",
        "{\"choices\":[{\"delta\":{\"usage\":{\"prompt_tokens\":1}}}]}",
        "{\"choices\":[],\"error\":null}",
      })
  void memberNamesAtOtherPathsAreIgnored(String data) {
    Read read = read("data: " + data + "\n\n", true);

    assertThat(read.events).isEqualTo("data: " + data + "\n\n");
    assertThat(read.isComplete).isFalse();
    assertThat(read.error).isEmpty();
    assertThat(read.usage).isEqualTo(TokenUsage.NONE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<!DOCTYPE html>\n<html><body>Sign in</body></html>\n",
        "{\"choices\":[{\"message\":{\"content\":\"not streamed\"}}]}",
        "{\"choices\":[{\"mess",
        "[1,2]\n\n",
        "data: {\"choices\":[}],\"error\":{\n\n",
      })
  void invalidStreamIsAnError(String body) {
    Read read = read(body, false);

    assertThat(read.error).isPresent();
    assertThat(read.events).isEmpty();
    assertThat(read.isComplete).isFalse();
  }

  @Test
  void endlessEventIsRejected() {
    StreamReader reader = reader(false);
    byte[] piece = "x".repeat(1 << 20).getBytes(UTF_8);

    int pieces = 0;
    while (reader.error().isEmpty() && pieces < 100) {
      reader.read(piece);
      pieces++;
    }

    assertThat(pieces).isLessThan(40);
    assertThat(reader.error().orElseThrow()).hasMessageContaining("too large");
    assertThat(reader.finish()).isEmpty();
  }

  @Test
  @SuppressWarnings("ReferenceEquality") // Identity of the array is the claim.
  void completeEventsPassWithoutCopy() {
    StreamReader reader = reader(false);
    byte[] two = filled("data: HELLO\n\ndata: HELLO\n\n").getBytes(UTF_8);
    byte[] start = filled("data: HELLO\n\ndata").getBytes(UTF_8);
    byte[] rest = filled(": HELLO\n\n").getBytes(UTF_8);

    assertThat(reader.read(two) == two).isTrue();
    assertThat(new String(reader.read(start), UTF_8)).isEqualTo(filled("data: HELLO\n\n"));
    assertThat(new String(reader.read(rest), UTF_8)).isEqualTo(filled("data: HELLO\n\n"));
    assertThat(reader.read(two) == two).isTrue();
  }

  private static StreamReader reader(boolean hidesUsage) {
    String body = "{\"model\":\"m\",\"stream\":true,\"messages\":[]}";
    ModelRequest request = ModelRequest.parse(Operation.CHAT, body.getBytes(UTF_8));
    return OpenAi.withRules()
        .createStreamReader(
            hidesUsage ? request.withStreamUsage() : request,
            Instant.EPOCH,
            new MemoryBudget(64 << 20).open());
  }

  private static String filled(String stream) {
    return stream.replace("HELLO", HELLO).replace("STOP", STOP).replace("USAGE", USAGE);
  }

  private static Read read(String stream, boolean hidesUsage) {
    StreamReader reader = reader(hidesUsage);
    String events =
        new String(reader.read(filled(stream).getBytes(UTF_8)), UTF_8)
            + new String(reader.finish(), UTF_8);
    return new Read(events, reader.isComplete(), reader.error(), reader.usage());
  }
}
