package dev.agentlab.dialects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.memory.MemoryBudget;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class ResponsesTapPropertyTest {

  /// Fragments of streams, well-formed or not.
  private static final List<String> PARTS =
      List.of(
          "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"id\":\"resp_1\"}}",
          "event: response.output_text.delta\ndata: {\"delta\":\"Grüße 👋\u2028\"}",
          "data: {\"type\":\"response.output_text.delta\",\"delta\":\"a\"}",
          "data: {\"type\":\"response.output_item.done\",\"item\":{\"type\":\"reasoning\"}}",
          "data: {\"type\":\"response.completed\",\"response\":{\"usage\":{\"input_tokens\":1}}}",
          "event: response.incomplete\ndata: {\"type\":\"response.incomplete\"}",
          "data: {\"type\":\"response.failed\",\"response\":{\"error\":{\"message\":\"no\"}}}",
          "event: error",
          "event: response.in_progress",
          "event:",
          "data: [DONE]",
          "data:",
          ": comment",
          "{\"",
          "<",
          "\"type\":\"",
          "\uFEFF",
          "\0",
          " ",
          "\n",
          "\n",
          "\n\n",
          "\n\n",
          "\n\n",
          "\r\n\r\n",
          "\r",
          "\r\n");

  /// The output.
  private record Read(
      String events, boolean isComplete, boolean hasContent, String error, String state) {}

  @Property(tries = 5_000)
  void chunkBoundariesDoNotChangeTheOutput(
      @ForAll("streams") byte[] stream, @ForAll("cuts") List<Integer> cuts) {
    Read whole = read(List.of(stream));

    int[] places =
        cuts.stream().mapToInt(cut -> cut % (stream.length + 1)).sorted().distinct().toArray();
    List<byte[]> pieces = new ArrayList<>();
    int from = 0;
    for (int place : places) {
      pieces.add(Arrays.copyOfRange(stream, from, place));
      from = place;
    }
    pieces.add(Arrays.copyOfRange(stream, from, stream.length));

    assertThat(read(pieces)).isEqualTo(whole);
  }

  @Property(tries = 5_000)
  void arbitraryBytesAreNeverComplete(@ForAll byte[] garbage) {
    assertThat(read(List.of(garbage)).isComplete).isFalse();
  }

  @Provide
  Arbitrary<byte[]> streams() {
    return Arbitraries.of(PARTS)
        .list()
        .ofMaxSize(20)
        .map(it -> String.join("", it).getBytes(UTF_8));
  }

  @Provide
  Arbitrary<List<Integer>> cuts() {
    return Arbitraries.integers().between(0, 2_000).list().ofMaxSize(8);
  }

  private static Read read(List<byte[]> pieces) {
    StreamReader reader =
        OpenAi.withRules()
            .withResponses()
            .createStreamReader(
                ModelRequest.parse(
                        Operation.RESPONSES, "{\"model\":\"m\",\"stream\":true}".getBytes(UTF_8))
                    .expectedStream(),
                Instant.EPOCH,
                new MemoryBudget(64 << 20).open());
    ByteArrayOutputStream events = new ByteArrayOutputStream();
    pieces.forEach(piece -> events.writeBytes(reader.read(piece)));
    events.writeBytes(reader.finish());
    return new Read(
        events.toString(UTF_8),
        reader.isComplete(),
        reader.hasContent(),
        reader.error().map(ProviderErrorException::getMessage).orElse(""),
        reader.usage() + " " + reader.position());
  }
}
