package dev.agentlab.dialects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.agentlab.memory.MemoryBudget;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import software.amazon.eventstream.HeaderValue;
import software.amazon.eventstream.Message;

/// Limits on the memory that the stream of a hostile provider can occupy.
class StreamMemoryTest {
  private static final long CAPACITY = 32 << 20;
  private static final ModelRequest REQUEST =
      ModelRequest.parse(Operation.CHAT, "{\"model\":\"m\"}".getBytes(UTF_8));

  private final MemoryBudget budget = new MemoryBudget(CAPACITY);

  @Test
  void unfinishedEventsOfSeveralStreamsShareTheBudget() {
    List<StreamReader> readers =
        IntStream.range(0, 6).mapToObj(_ -> reader(OpenAi.withRules())).toList();
    byte[] part = ("data: " + "x".repeat(1 << 20)).getBytes(UTF_8);
    for (int i = 0; i < 12; i++) {
      readers.forEach(reader -> reader.read(part.clone()));
    }

    assertThat(readers)
        .anyMatch(
            reader -> reader.error().filter(ProviderErrorException::isOutOfMemory).isPresent());
    assertThat(budget.reserved()).isLessThanOrEqualTo(CAPACITY);
  }

  @Test
  void eventOfManyLinesAllocatesUnderFourTimesItsSize() {
    byte[] event = ("data:\n".repeat(1 << 20) + "\n").getBytes(UTF_8);
    SseEvent lines = new SseEvent(event, 0, event.length);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    String data = lines.data();
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;

    assertThat(data).isEqualTo("\n".repeat((1 << 20) - 1));
    assertThat(allocated).isLessThan(4L * event.length);
  }

  @Test
  void endlessMessageDeltaMembersAreRejected() {
    assertRejected(
        reader(new Anthropic()),
        i ->
            "data: {\"type\":\"message_delta\",\"delta\":{\"m%d\":\"%s\"}}\n\n"
                .formatted(i, "x".repeat(1_000))
                .getBytes(UTF_8));
  }

  @Test
  void endlessAnthropicThinkingIsRejected() {
    StreamReader reader = reader(new Anthropic());
    reader.read(
        "data: {\"type\":\"content_block_start\",\"content_block\":{\"type\":\"thinking\"}}\n\n"
            .getBytes(UTF_8));
    String thinking = "x".repeat(10_000);
    assertRejected(
        reader,
        _ ->
            "data: {\"type\":\"content_block_delta\",\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"%s\"}}\n\n"
                .formatted(thinking)
                .getBytes(UTF_8));
  }

  @Test
  void endlessBedrockReasoningIsRejected() {
    String thinking = "x".repeat(10_000);
    assertRejected(
        reader(new BedrockConverse()),
        _ ->
            frame(
                "{\"contentBlockIndex\":0,\"delta\":{\"reasoningContent\":{\"text\":\"%s\"}}}"
                    .formatted(thinking)));
  }

  @Test
  void endlessToolCallsOfATranslatedChatStreamAreRejected() {
    StreamMemory memory = new StreamMemory(budget.open());
    StreamReader reader =
        new TranslatedStream(
            memory,
            new ChatCompletionsStreamWriter(REQUEST.expectedStream(), Instant.EPOCH),
            events ->
                new SseStreamReader(
                    memory, events, passed -> new ChatCompletionsStreamReader(memory, passed)));
    assertRejected(
        reader,
        i ->
            "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":%d}]}}]}\n\n"
                .formatted(i)
                .getBytes(UTF_8));
  }

  @Test
  void endlessChoicesAreRejected() {
    StreamReader reader =
        OpenAi.withRules()
            .createStreamReader(
                ModelRequest.parse(Operation.CHAT, "{\"model\":\"m\",\"n\":2}".getBytes(UTF_8)),
                Instant.EPOCH,
                budget.open());
    for (int i = 0; i < 200; i++) {
      reader.read("data: {\"choices\":[{\"index\":%d}]}\n\n".formatted(i).getBytes(UTF_8));
    }

    assertThat(reader.error())
        .get()
        .extracting(Throwable::getMessage)
        .isEqualTo("the response has more than 128 choices");
  }

  @Test
  void longIdRepeatedInEveryChunkIsRejected() {
    StreamReader reader = reader(new Anthropic());
    reader.read(
        "data: {\"type\":\"message_start\",\"message\":{\"id\":\"%s\"}}\n\n"
            .formatted("x".repeat(2_000))
            .getBytes(UTF_8));

    assertThat(reader.error()).isPresent();
  }

  @Test
  void largeEventIsReservedOnlyWhileItIsRead() {
    StreamReader reader = reader(new Anthropic());
    String text = "x".repeat(4 << 20);
    reader.read(
        "data: {\"type\":\"content_block_start\",\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n"
            .getBytes(UTF_8));
    long before = budget.reserved();
    byte[] output =
        reader.read(
            "data: {\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\",\"text\":\"%s\"}}\n\n"
                .formatted(text)
                .getBytes(UTF_8));

    assertThat(new String(output, UTF_8)).contains(text);
    assertThat(budget.reserved()).isEqualTo(before);
  }

  @Test
  void eventBeyondBudgetIsRejectedBeforeParsing() {
    StreamReader reader = reader(new Anthropic());
    reader.read(("data: {\"a\":[" + "{},".repeat(1 << 20) + "1]}\n\n").getBytes(UTF_8));

    assertThat(reader.error())
        .get()
        .extracting(Throwable::getMessage)
        .isEqualTo("a stream event is too large");
  }

  private StreamReader reader(Dialect dialect) {
    return dialect.createStreamReader(REQUEST, Instant.EPOCH, budget.open());
  }

  /// Reads events until one is rejected, at the latest at four times the capacity of the budget.
  private void assertRejected(StreamReader reader, IntFunction<byte[]> event) {
    long sent = 0;
    for (int i = 0; reader.error().isEmpty() && sent < 4 * CAPACITY; i++) {
      byte[] bytes = event.apply(i);
      sent += bytes.length;
      reader.read(bytes);
      assertThat(budget.reserved()).isLessThanOrEqualTo(CAPACITY);
    }

    assertThat(reader.error()).isPresent();
  }

  private static byte[] frame(String json) {
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    new Message(
            Map.of(
                ":message-type", HeaderValue.fromString("event"),
                ":event-type", HeaderValue.fromString("contentBlockDelta")),
            json.getBytes(UTF_8))
        .encode(frame);
    return frame.toByteArray();
  }
}
