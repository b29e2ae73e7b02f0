package dev.agentlab.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.json.Json;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectReader;

/// Property tests: arbitrary bytes are quickly read or rejected with a field error, which does not
/// quote the parser or the input.
class JsonBodyReaderPropertyTest {
  enum Colour {
    RED,
    GREEN
  }

  record Item(UUID id, Optional<Integer> size, Optional<BigDecimal> price) {}

  record Thing(
      String name,
      Optional<List<Item>> items,
      Optional<JsonNode> config,
      Optional<Colour> colour,
      Optional<Instant> at,
      Optional<Map<String, Long>> counts,
      Optional<Double> ratio) {}

  private static final ObjectReader THING = Json.MAPPER.readerFor(Thing.class);
  private static final ObjectReader ANY = Json.MAPPER.readerFor(JsonNode.class);

  /// Excludes processing time that is quadratic in the body size, which would take minutes.
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  private static final String SECRET = "hunter2hunter2";

  private static final String VALID_BODY =
      """
      {"name": "a", "items": [{"id": "123e4567-e89b-12d3-a456-426614174000", "size": 1,
       "price": 1.50}], "config": {"a": [1, null, {"b": "\\ud83d\\ude00"}]}, "colour": "RED",
       "at": "2026-01-31T12:00:00Z", "counts": {"x": 1}, "ratio": 0.5}\
      """;

  private static final List<String> FRAGMENTS =
      List.of(
          "{",
          "}",
          "[",
          "]",
          ",",
          ":",
          "\"",
          "\\",
          "\\u",
          "\\ud800",
          "\\udc00\\ud800",
          "\\u0000",
          "null",
          "true",
          "NaN",
          "-Infinity",
          "0x1",
          "01",
          "-",
          "1e999999999",
          "-1e-999999999",
          "9".repeat(400),
          "9".repeat(1_100),
          "1.",
          ".5",
          "+1",
          "'",
          "//",
          "/* */",
          "\ufeff",
          "\0",
          "\u2028",
          "\"name\"",
          "\"name\":",
          "\"items\":[",
          "\"" + SECRET + "\"",
          SECRET,
          "[".repeat(101),
          "{\"a\":".repeat(101),
          "\"" + "x".repeat(5_000) + "\":",
          " ",
          "\r\n");

  @Property(tries = 3_000, shrinking = ShrinkingMode.OFF)
  void arbitraryBytesAreReadOrRejected(@ForAll byte[] bytes) {
    assertReadOrRejected(bytes);
  }

  @Property(tries = 3_000, shrinking = ShrinkingMode.OFF)
  void arbitraryJsonFragmentsAreReadOrRejected(@ForAll("texts") String text) {
    assertReadOrRejected(text.getBytes(UTF_8));
  }

  @Property(tries = 5_000, shrinking = ShrinkingMode.OFF)
  void mutatedBodyIsReadOrRejected(
      @ForAll("changes") List<Integer> places, @ForAll("pieces") List<String> pieces) {
    byte[] bytes = VALID_BODY.getBytes(UTF_8);
    for (int i = 0; i < places.size(); i++) {
      int at = places.get(i) % (bytes.length + 1);
      int kept = Math.min(bytes.length, at + places.get(i) % 7);
      byte[] piece =
          places.get(i) % 3 == 0
              ? new byte[] {(byte) (int) places.get(i)}
              : pieces.get(i).getBytes(UTF_8);
      bytes = splice(bytes, at, piece, kept);
    }
    assertReadOrRejected(bytes);
  }

  @Example
  void unmutatedBodyIsRead() {
    assertThat(((Thing) JsonBodyReader.read(VALID_BODY.getBytes(UTF_8), THING)).name())
        .isEqualTo("a");
  }

  /// Bodies of maximum size that are slow to parse.
  @Example
  void hostileBodiesAreRejectedQuickly() {
    int size = 1 << 20;
    for (String body :
        List.of(
            "[".repeat(size),
            "{\"a\":".repeat(size / 5),
            "9".repeat(size),
            "1e" + "9".repeat(size),
            "{\"ratio\": 1" + "0".repeat(900) + "}",
            "{\"name\": \"a\", \"counts\": {\"x\": 1e999999999}}",
            "{\"name\": \"a\", \"items\": [{\"size\": 1e2147483647}]}",
            "\"" + "\\u0000".repeat(size / 6),
            "{" + "\"a\":1,".repeat(size / 6) + "\"a\":1}",
            "[" + "1e1000000000,".repeat(size / 13) + "1]",
            " ".repeat(size) + "x")) {
      long before = System.nanoTime();
      assertReadOrRejected(body.getBytes(UTF_8));

      assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(TIMEOUT);
    }
  }

  private static void assertReadOrRejected(byte[] bytes) {
    assertReadOrRejected(bytes, THING);
    assertReadOrRejected(bytes, ANY);
  }

  private static void assertReadOrRejected(byte[] bytes, ObjectReader reader) {
    try {
      Object read = JsonBodyReader.read(bytes, reader);
      // The value survives a round trip.
      byte[] written = Json.MAPPER.writeValueAsBytes(read);
      assertThat(Json.MAPPER.writeValueAsBytes(JsonBodyReader.read(written, reader)))
          .isEqualTo(written);
    } catch (InvalidInputException e) {
      assertThat(e.errors())
          .isNotEmpty()
          .allSatisfy(error -> {
            assertThat(error.field()).isNotBlank();
            assertThat(error.message())
                .isNotBlank()
                .hasSizeLessThan(300)
                .doesNotContain(SECRET, "tools.jackson", "com.fasterxml", "dev.agentlab", "java.");
          });
    }
  }

  private static byte[] splice(byte[] bytes, int at, byte[] piece, int from) {
    byte[] joined = new byte[at + piece.length + bytes.length - from];
    System.arraycopy(bytes, 0, joined, 0, at);
    System.arraycopy(piece, 0, joined, at, piece.length);
    System.arraycopy(bytes, from, joined, at + piece.length, bytes.length - from);
    return joined;
  }

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.of(FRAGMENTS)
        .list()
        .ofMinSize(1)
        .ofMaxSize(12)
        .map(it -> String.join("", it));
  }

  @Provide
  Arbitrary<List<String>> pieces() {
    return Arbitraries.of(FRAGMENTS).list().ofSize(3);
  }

  @Provide
  Arbitrary<List<Integer>> changes() {
    return Arbitraries.integers().between(0, 100_000).list().ofMinSize(1).ofMaxSize(3);
  }
}
