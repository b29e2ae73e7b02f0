package dev.agentlab.dialects;

import java.util.List;
import java.util.Random;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Random values for conversations and responses: the same seed gives the same values.
final class RandomValues {
  private static final List<String> TEXTS =
      List.of(
          "Hello",
          "Grüße 👋 日本",
          "\"quoted\" \\ line\n\ttab\r\n",
          "{\"json\": [1]}",
          "\u0000\u001f\u2028\ufeff",
          "data: [DONE]\n\n",
          "long ".repeat(40));
  private static final List<String> NUMBERS =
      List.of("0", "-1", "9007199254740993", "123456789012345678901234", "1.50", "1e-7", "6.02E23");
  private static final List<String> NAMES = List.of("city", "naïve 🔑", "", "a.b", "type", "$ref");
  private static final List<String> BASE64 = List.of("iVBORw0KGgo=", "AAAA", "_-8=", "");

  private final Random random;

  /// Makes each text unique, so that a lost, repeated or moved one is detected.
  private int count;

  RandomValues(long seed) {
    random = new Random(seed);
  }

  boolean chance(int percent) {
    return random.nextInt(100) < percent;
  }

  /// A number from 0 to the given one.
  int upTo(int max) {
    return random.nextInt(max + 1);
  }

  @SafeVarargs
  final <T> T pick(T... values) {
    return values[random.nextInt(values.length)];
  }

  <T> T pick(List<T> values) {
    return values.get(random.nextInt(values.size()));
  }

  /// A text that is not empty and differs from all others.
  String text() {
    return "%s #%d".formatted(pick(TEXTS), count++);
  }

  /// A text that is possibly empty.
  String anyText() {
    return chance(10) ? "" : text();
  }

  /// A short identifier that differs from all others.
  String id(String prefix) {
    return "%s_%d".formatted(prefix, count++);
  }

  /// A signature of a vendor, in Base64.
  String signature() {
    return "c2ln%04d".formatted(count++);
  }

  String base64() {
    return "%04d%s".formatted(count++, pick(BASE64));
  }

  /// A JSON object, such as the arguments of a call.
  ObjectNode object() {
    return object(3);
  }

  private ObjectNode object(int depth) {
    ObjectNode object = ProviderJson.object();
    int size = upTo(3);
    for (int i = 0; i < size; i++) {
      object.set(pick(NAMES), value(depth - 1));
    }
    return object;
  }

  private JsonNode value(int depth) {
    return switch (upTo(depth > 0 ? 5 : 2)) {
      case 0 -> ProviderJson.MAPPER.readTree(pick(NUMBERS));
      case 1 -> ProviderJson.MAPPER.readTree(pick("null", "true", "false", "\"\"", "[]", "{}"));
      case 2 -> ProviderJson.MAPPER.getNodeFactory().stringNode(text());
      case 3 -> ProviderJson.array().add(value(depth - 1)).add(value(depth - 1));
      default -> object(depth - 1);
    };
  }
}
