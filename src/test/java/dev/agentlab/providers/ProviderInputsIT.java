package dev.agentlab.providers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.server.TestServer;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Whatever is sent, the answer is a success or says what is wrong with it: never a 500.
class ProviderInputsIT {
  private static final TestServer SERVER = new TestServer();
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  /// Escapes what is not ASCII, so that half a surrogate pair reaches the service as one.
  private static final JsonMapper ASCII =
      JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  @BeforeContainer
  static void start() {
    SERVER.start();
  }

  @AfterContainer
  static void stop() {
    SERVER.stop();
  }

  @Property(tries = 3_000, shrinking = ShrinkingMode.BOUNDED)
  void anySearchIsAnsweredOrRefused(@ForAll("searches") JsonNode search) {
    holds(SERVER.client().post("/api/providers/search", text(search)));
  }

  @Property(tries = 3_000, shrinking = ShrinkingMode.BOUNDED)
  void anyListingIsAnsweredOrRefused(@ForAll("queries") Map<String, String> query) {
    StringBuilder path = new StringBuilder("/api/providers?");
    query.forEach((name, value) ->
        path.append(name)
            .append('=')
            .append(URLEncoder.encode(value, StandardCharsets.UTF_8))
            .append('&'));
    holds(SERVER.client().get(path.toString()));
  }

  @Property(tries = 3_000, shrinking = ShrinkingMode.BOUNDED)
  void anyProviderIsCreatedAsSentOrRefused(
      @ForAll("text") String name, @ForAll("configs") JsonNode config) {
    ObjectNode command = JSON.objectNode();
    command.put("name", name);
    command.set("config", config);
    Answer answer = SERVER.client().post("/api/providers", text(command));
    holds(answer);
    if (answer.status() == 201) {
      Answer read = SERVER.client().get(answer.header("Location"));
      assertThat(read.json()).isEqualTo(answer.json());
      assertThat(read.json().get("name").asString()).isEqualTo(name);
      assertThat(SERVER.client().delete(answer.header("Location")).status()).isEqualTo(204);
    }
  }

  @Property(tries = 1_000, shrinking = ShrinkingMode.BOUNDED)
  void anyBodyAtAllIsAnsweredOrRefused(@ForAll("json") JsonNode body) {
    holds(SERVER.client().post("/api/providers", text(body)));
    holds(SERVER.client().post("/api/providers/search", text(body)));
  }

  private static String text(JsonNode json) {
    return ASCII.writeValueAsString(json);
  }

  private static void holds(Answer answer) {
    assertThat(answer.status()).as(answer.text()).isIn(200, 201, 400, 409);
    if (answer.status() >= 400) {
      assertThat(answer.json().get("error").asString()).isNotBlank();
    }
  }

  /// Text with what databases, patterns and encodings stumble over.
  @Provide
  Arbitrary<String> text() {
    return Arbitraries.oneOf(
        Arbitraries.strings().ofMaxLength(250),
        Arbitraries.strings()
            .withChars("%_\\'\"\0\n\r\t ;-,.$?{}[]\uD800\uDC00\uFFFF\u202Eäß😀İ")
            .ofMaxLength(12),
        Arbitraries.of("name", "Name", "-name", "CreatedAt", "created_at", "ollama", "azure", ""));
  }

  private Arbitrary<JsonNode> scalars() {
    return Arbitraries.oneOf(
        text().map(JSON::stringNode),
        Arbitraries.longs().map(JSON::numberNode),
        Arbitraries.bigDecimals().map(JSON::numberNode),
        Arbitraries.of(true, false).map(JSON::booleanNode),
        Arbitraries.just(JSON.nullNode()));
  }

  @Provide
  Arbitrary<JsonNode> json() {
    return Arbitraries.lazyOf(
        this::scalars,
        this::scalars,
        () -> json().list().ofMaxSize(3).map(elements -> array(elements)),
        () -> Arbitraries.maps(text(), json()).ofMaxSize(3).map(ProviderInputsIT::object));
  }

  private static JsonNode array(Iterable<JsonNode> elements) {
    ArrayNode array = JSON.arrayNode();
    elements.forEach(array::add);
    return array;
  }

  private static JsonNode object(Map<String, JsonNode> members) {
    ObjectNode object = JSON.objectNode();
    members.forEach(object::set);
    return object;
  }

  @Provide
  Arbitrary<JsonNode> searches() {
    Arbitrary<String> members =
        Arbitraries.of(
            "page", "page_size", "search", "name", "sort", "sort_by", "descending", "other");
    Arbitrary<JsonNode> numbers =
        Arbitraries.oneOf(Arbitraries.longs(), Arbitraries.longs().between(-2, 200))
            .map(JSON::numberNode);
    return Arbitraries.maps(members, Arbitraries.oneOf(numbers, scalars(), json()))
        .ofMaxSize(4)
        .map(ProviderInputsIT::object);
  }

  @Provide
  Arbitrary<Map<String, String>> queries() {
    Arbitrary<String> names = Arbitraries.of("page", "page_size", "search", "name", "sort", "x");
    Arbitrary<String> values = Arbitraries.oneOf(text(), Arbitraries.longs().map(String::valueOf));
    return Arbitraries.maps(names, values).ofMaxSize(3);
  }

  @Provide
  Arbitrary<JsonNode> configs() {
    Arbitrary<String> kinds =
        Arbitraries.frequencyOf(
            Tuple.of(6, Arbitraries.of("ollama", "azure")), Tuple.of(1, text()));
    Arbitrary<String> urls =
        Arbitraries.frequencyOf(
            Tuple.of(
                6,
                Arbitraries.of(
                    "http://localhost:11434", "https://a.example/openai/", "http://[::1]")),
            Tuple.of(1, text()));
    Arbitrary<String> options =
        Arbitraries.oneOf(
            Arbitraries.of(
                "auth_type", "token", "auth_header", "deployment", "api_version", "x", "api_key"),
            text());
    return Combinators.combine(kinds, urls, Arbitraries.maps(options, json()).ofMaxSize(5))
        .as((kind, url, members) -> {
          ObjectNode config = JSON.objectNode();
          config.put("name", kind);
          config.put("base_url", url);
          config.set("options", object(members));
          return (JsonNode) config;
        });
  }
}
