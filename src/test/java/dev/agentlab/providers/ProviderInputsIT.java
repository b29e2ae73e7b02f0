package dev.agentlab.providers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.server.TestServer;
import java.math.BigDecimal;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Whatever is sent, the answer is a success or says what is wrong with it: never a 500. Ten
/// thousand generated inputs; a failure names the seed of its input.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProviderInputsIT {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  /// Escapes what is not ASCII, so that half a surrogate pair reaches the service as one.
  private static final JsonMapper ASCII =
      JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  /// What databases, patterns and encodings stumble over.
  private static final String TRAPS =
      "%_\\'\"\0\n\r\t ;-,.$?{}[]:/@#\uD800\uDC00\uFFFF\u202Eäß😀İ\u0130\u1E9E";

  private static final List<String> WORDS =
      List.of("name", "Name", "-name", "CreatedAt", "created_at", "ollama", "azure", "bearer", "");
  private static final List<String> SEARCH =
      List.of("page", "page_size", "search", "name", "sort", "sort_by", "descending", "other");
  private static final List<String> OPTIONS =
      List.of("auth_type", "token", "auth_header", "deployment", "api_version", "x", "api_key");
  private static final List<String> URLS =
      List.of("http://localhost:11434", "https://a.example/openai/", "http://[::1]", "http://x/v1");

  private final TestServer server = new TestServer();

  @BeforeAll
  void start() {
    server.start();
  }

  @AfterAll
  void stop() {
    server.stop();
  }

  @Test
  void anySearchIsAnsweredOrRefused() {
    forSeeds(
        3_000,
        random -> holds(server.client().post("/api/providers/search", text(search(random)))));
  }

  @Test
  void anyListingIsAnsweredOrRefused() {
    forSeeds(3_000, random -> holds(server.client().get("/api/providers?" + query(random))));
  }

  @Test
  void anyProviderIsCreatedAsSentOrRefused() {
    forSeeds(
        3_000,
        random -> {
          String name = string(random);
          ObjectNode command = JSON.objectNode().put("name", name).set("config", config(random));
          Answer answer = server.client().post("/api/providers", text(command));
          holds(answer);
          if (answer.status() == 201) {
            Answer read = server.client().get(answer.header("Location"));
            assertThat(read.json()).isEqualTo(answer.json());
            assertThat(read.json().get("name").asString()).isEqualTo(name);
            assertThat(server.client().delete(answer.header("Location")).status()).isEqualTo(204);
          }
        });
  }

  @Test
  void anyBodyAtAllIsAnsweredOrRefused() {
    forSeeds(
        1_000,
        random -> {
          String body = text(json(random, 3));
          holds(server.client().post("/api/providers", body));
          holds(server.client().post("/api/providers/search", body));
        });
  }

  private static void forSeeds(int seeds, Consumer<RandomGenerator> test) {
    for (int seed = 0; seed < seeds; seed++) {
      try {
        test.accept(RandomGeneratorFactory.of("L64X128MixRandom").create(seed));
      } catch (AssertionError e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
  }

  private static void holds(Answer answer) {
    assertThat(answer.status()).as(answer.text()).isIn(200, 201, 400, 409);
    if (answer.status() >= 400) {
      assertThat(answer.json().get("error").asString()).isNotBlank();
    }
  }

  private static String text(JsonNode json) {
    return ASCII.writeValueAsString(json);
  }

  private static JsonNode search(RandomGenerator random) {
    ObjectNode search = JSON.objectNode();
    for (int i = random.nextInt(5); i > 0; i--) {
      search.set(oneOf(SEARCH, random), random.nextBoolean() ? number(random) : json(random, 1));
    }
    return search;
  }

  private static String query(RandomGenerator random) {
    return IntStream.range(0, random.nextInt(4))
        .mapToObj(_ ->
            oneOf(SEARCH, random)
                + "="
                + URLEncoder.encode(
                    random.nextBoolean() ? string(random) : number(random).asString(),
                    StandardCharsets.UTF_8))
        .collect(Collectors.joining("&"));
  }

  private static JsonNode config(RandomGenerator random) {
    ObjectNode options = JSON.objectNode();
    for (int i = random.nextInt(6); i > 0; i--) {
      String option = random.nextInt(4) > 0 ? oneOf(OPTIONS, random) : string(random);
      options.set(
          option, random.nextBoolean() ? JSON.stringNode(oneOf(WORDS, random)) : json(random, 2));
    }
    return JSON.objectNode()
        .put("name", random.nextInt(8) > 0 ? oneOf(WORDS.subList(5, 7), random) : string(random))
        .put("base_url", random.nextInt(8) > 0 ? oneOf(URLS, random) : string(random))
        .set("options", options);
  }

  private static JsonNode json(RandomGenerator random, int depth) {
    return switch (random.nextInt(depth > 0 ? 7 : 5)) {
      case 0 -> JSON.stringNode(string(random));
      case 1 -> number(random);
      case 2 -> JSON.booleanNode(random.nextBoolean());
      case 3 -> JSON.nullNode();
      case 4 -> JSON.stringNode(oneOf(WORDS, random));
      case 5 -> {
        ArrayNode array = JSON.arrayNode();
        for (int i = random.nextInt(4); i > 0; i--) {
          array.add(json(random, depth - 1));
        }
        yield array;
      }
      default -> {
        ObjectNode object = JSON.objectNode();
        for (int i = random.nextInt(4); i > 0; i--) {
          object.set(string(random), json(random, depth - 1));
        }
        yield object;
      }
    };
  }

  private static JsonNode number(RandomGenerator random) {
    return switch (random.nextInt(4)) {
      case 0 -> JSON.numberNode(random.nextLong());
      case 1 -> JSON.numberNode(random.nextInt(-2, 200));
      case 2 -> JSON.numberNode(random.nextDouble());
      default -> JSON.numberNode(new BigDecimal("1e" + random.nextInt(-999_999, 999_999)));
    };
  }

  private static String string(RandomGenerator random) {
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

  private static <T> T oneOf(List<T> choices, RandomGenerator random) {
    return choices.get(random.nextInt(choices.size()));
  }
}
