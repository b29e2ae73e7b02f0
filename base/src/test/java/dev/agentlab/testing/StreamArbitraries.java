package dev.agentlab.testing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Provide;

/// Arbitrary streams of server-sent events and chunk boundaries for property tests.
public abstract class StreamArbitraries {
  private static final List<String> PARTS =
      List.of(
          "data",
          "data:",
          "data: ",
          "data: one",
          "event: e",
          "event:",
          "event",
          "id: 1",
          ": comment",
          "retry: 1",
          "x",
          "grüße 👋",
          ":",
          " ",
          "\0",
          "\u2028",
          "\u0085",
          "\f",
          "\n",
          "\n",
          "\n",
          "\n\n",
          "\n\n");

  /// For property tests only.
  protected StreamArbitraries() {}

  /// Streams whose lines end with a line feed.
  @Provide
  protected Arbitrary<String> streams() {
    return Arbitraries.of(PARTS).list().ofMaxSize(25).map(it -> String.join("", it));
  }

  /// Arbitrary bytes, most of which are significant in a stream.
  @Provide
  protected Arbitrary<byte[]> bytes() {
    Arbitrary<Byte> significant =
        Arbitraries.of("\r\n\r\n: \0data\u00ef\u00bb\u00bf".chars().boxed().toList())
            .map(Integer::byteValue);
    return Arbitraries.oneOf(significant, significant, Arbitraries.bytes())
        .array(byte[].class)
        .ofMaxSize(60);
  }

  /// Positions for [#cut].
  @Provide
  protected Arbitrary<List<Integer>> cuts() {
    return Arbitraries.integers().between(0, 300).list().ofMaxSize(8);
  }

  /// Line endings.
  @Provide
  protected Arbitrary<String> endings() {
    return Arbitraries.of("\n", "\r\n", "\r");
  }

  /// Splits a stream.
  ///
  /// @param cuts the positions of the cuts, modulo the length of the stream
  protected static List<byte[]> cut(byte[] stream, List<Integer> cuts) {
    int[] places =
        cuts.stream().mapToInt(cut -> cut % (stream.length + 1)).sorted().distinct().toArray();
    List<byte[]> pieces = new ArrayList<>();
    int from = 0;
    for (int place : places) {
      pieces.add(Arrays.copyOfRange(stream, from, place));
      from = place;
    }
    pieces.add(Arrays.copyOfRange(stream, from, stream.length));
    return pieces;
  }
}
