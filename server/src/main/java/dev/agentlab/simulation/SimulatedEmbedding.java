package dev.agentlab.simulation;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/// The embedding of a text: a unit vector computed from its words. The more words two texts share,
/// the more similar their vectors. The same text always has the same vector.
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record SimulatedEmbedding(double[] values) {
  static SimulatedEmbedding of(String text, int dimensions) {
    double[] sum = new double[dimensions];
    List<String> words = words(text.toLowerCase(Locale.ROOT));
    for (String word : words.isEmpty() ? List.of(text) : words) {
      // The sequence of this generator is specified by Java.
      Random random = new Random(word.hashCode());
      Arrays.setAll(sum, i -> sum[i] + random.nextDouble() - 0.5);
    }
    double length = Math.sqrt(Arrays.stream(sum).map(value -> value * value).sum());
    return new SimulatedEmbedding(Arrays.stream(sum).map(value -> value / length).toArray());
  }

  private static List<String> words(String text) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    text.codePoints()
        .forEach(c -> {
          if (Character.isLetterOrDigit(c)) {
            word.appendCodePoint(c);
          } else if (!word.isEmpty()) {
            words.add(word.toString());
            word.setLength(0);
          }
        });
    if (!word.isEmpty()) {
      words.add(word.toString());
    }
    return words;
  }

  /// The vector as an array of numbers.
  ArrayNode toNumbers() {
    ArrayNode numbers = JsonNodeFactory.instance.arrayNode(values.length);
    Arrays.stream(values).forEach(value -> numbers.add((float) value));
    return numbers;
  }

  /// The vector as little-endian 32-bit floating-point numbers, in base64.
  JsonNode toBase64() {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    Arrays.stream(values).forEach(value -> bytes.putFloat((float) value));
    return JsonNodeFactory.instance.stringNode(Base64.getEncoder().encodeToString(bytes.array()));
  }
}
