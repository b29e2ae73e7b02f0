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

class ChatCompletionsTapPropertyTest {

  /// Fragments of streams, well-formed or not.
  private static final List<String> PARTS =
      List.of(
          "data: {\"choices\":[{\"delta\":{\"content\":\"Grüße 👋\"}}]}",
          "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}",
          "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1}}",
          "data: {\"choices\":[{\"delta\":{}}],\"usage\":{\"prompt_tokens\":1}}",
          "data: {\"error\":{\"message\":\"no\"}}",
          "data: [DONE]",
          "data:",
          "event: error",
          ": comment",
          "{\"",
          "<",
          "\"finish_reason\":",
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
  private record Read(String events, boolean isComplete, String error, String usage) {}

  @Property(tries = 5_000)
  void chunkBoundariesDoNotChangeTheOutput(
      @ForAll("streams") byte[] stream,
      @ForAll("cuts") List<Integer> cuts,
      @ForAll boolean hidesUsage) {
    Read whole = read(hidesUsage, List.of(stream));

    int[] places =
        cuts.stream().mapToInt(cut -> cut % (stream.length + 1)).sorted().distinct().toArray();
    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    List<byte[]> pieces = new ArrayList<>();
    int from = 0;
    for (int place : places) {
      pieces.add(Arrays.copyOfRange(stream, from, place));
      from = place;
    }
    pieces.add(Arrays.copyOfRange(stream, from, stream.length));
    pieces.forEach(joined::writeBytes);

    assertThat(joined.toByteArray()).isEqualTo(stream);
    assertThat(read(hidesUsage, pieces)).isEqualTo(whole);
  }

  @Property(tries = 5_000)
  void arbitraryBytesAreNeverComplete(@ForAll byte[] garbage, @ForAll boolean hidesUsage) {
    assertThat(read(hidesUsage, List.of(garbage)).isComplete).isFalse();
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

  private static Read read(boolean hidesUsage, List<byte[]> pieces) {
    ModelRequest request =
        ModelRequest.parse(Operation.CHAT, "{\"model\":\"m\",\"stream\":true}".getBytes(UTF_8));
    StreamReader reader =
        OpenAi.withRules()
            .createStreamReader(
                hidesUsage ? request.withStreamUsage() : request,
                Instant.EPOCH,
                new MemoryBudget(64 << 20).open());
    ByteArrayOutputStream events = new ByteArrayOutputStream();
    pieces.forEach(piece -> events.writeBytes(reader.read(piece)));
    events.writeBytes(reader.finish());
    return new Read(
        events.toString(UTF_8),
        reader.isComplete(),
        reader.error().map(ProviderErrorException::getMessage).orElse(""),
        reader.usage().toString());
  }
}
