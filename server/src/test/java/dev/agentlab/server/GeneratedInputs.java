package dev.agentlab.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.server.TestClient.Answer;
import java.math.BigDecimal;
import java.util.List;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Generates invalid and malicious inputs, reproducibly from a seed.
///
/// @param words valid words of the API, which occur among arbitrary text
public record GeneratedInputs(RandomGenerator random, List<String> words) {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  /// Escapes non-ASCII characters, so that unpaired surrogates can be sent.
  private static final JsonMapper ASCII =
      JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  /// Characters that are special in databases, patterns and encodings.
  private static final String TRAPS =
      "%_\\'\"\0\n\r\t ;-,.$?{}[]:/@#\uD800\uDC00\uFFFF\u202Eäß😀İ\u0130\u1E9E";

  /// Runs a test with the inputs of each seed; a failure contains the seed.
  public static void forSeeds(int seeds, List<String> words, Consumer<GeneratedInputs> test) {
    for (int seed = 0; seed < seeds; seed++) {
      try {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        test.accept(new GeneratedInputs(random, words));
      } catch (AssertionError e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
  }

  /// Asserts that the response is a success, or a rejection with a reason.
  public static void assertHandled(Answer answer) {
    assertThat(answer.status()).as(answer.text()).isIn(200, 201, 400, 409);
    if (answer.status() >= 400) {
      assertThat(answer.json().get("error").asString()).isNotBlank();
    }
  }

  public static String text(JsonNode json) {
    return ASCII.writeValueAsString(json);
  }

  public <T> T oneOf(List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }

  /// True with a probability of one in `times`.
  public boolean rarely(int times) {
    return random.nextInt(times) == 0;
  }

  public JsonNode json(int depth) {
    return switch (random.nextInt(depth > 0 ? 7 : 5)) {
      case 0 -> JSON.stringNode(string());
      case 1 -> number();
      case 2 -> JSON.booleanNode(random.nextBoolean());
      case 3 -> JSON.nullNode();
      case 4 -> JSON.stringNode(oneOf(words));
      case 5 -> {
        ArrayNode array = JSON.arrayNode();
        for (int i = random.nextInt(4); i > 0; i--) {
          array.add(json(depth - 1));
        }
        yield array;
      }
      default -> {
        ObjectNode object = JSON.objectNode();
        for (int i = random.nextInt(4); i > 0; i--) {
          object.set(string(), json(depth - 1));
        }
        yield object;
      }
    };
  }

  public JsonNode number() {
    return switch (random.nextInt(4)) {
      case 0 -> JSON.numberNode(random.nextLong());
      case 1 -> JSON.numberNode(random.nextInt(-2, 200));
      case 2 -> JSON.numberNode(random.nextDouble());
      default -> JSON.numberNode(new BigDecimal("1e" + random.nextInt(-999_999, 999_999)));
    };
  }

  public String string() {
    int length = random.nextInt(8) == 0 ? random.nextInt(250) : random.nextInt(12);
    boolean wild = random.nextBoolean();
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append(
          wild
              ? (char) random.nextInt(0x10000)
              : random.nextInt(3) == 0
                  ? TRAPS.charAt(random.nextInt(TRAPS.length()))
                  : (char) ('a' + random.nextInt(26)));
    }
    return text.toString();
  }
}
