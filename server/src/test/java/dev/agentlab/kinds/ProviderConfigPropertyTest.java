package dev.agentlab.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.json.Json;
import dev.agentlab.json.JsonbValidator;
import dev.agentlab.vault.TestConfigCipher;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

class ProviderConfigPropertyTest {
  private static final ProviderKinds KINDS = ProviderKinds.standard();
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final String SECRET = "zQ9zQ9zQ9zQ9-secret";

  @Property(tries = 10_000)
  void anyJsonIsBuiltOrRejected(@ForAll("configs") JsonNode config) {
    parse(config, Optional.empty()).ifPresent(KINDS::build);
  }

  @Property(tries = 10_000)
  void anyJsonReplacesAnyStoredJsonOrIsRejected(
      @ForAll("configs") JsonNode stored, @ForAll("configs") JsonNode config) {
    ProviderConfig before = KINDS.readStored(stored);
    parse(config, Optional.of(before)).ifPresent(KINDS::build);
  }

  @Property(tries = 10_000)
  void anyStoredJsonIsPreservedAndShowsNoSecret(@ForAll("configs") JsonNode stored) {
    ProviderConfig config = KINDS.readStored(stored);

    assertThat(config.stored()).isEqualTo(stored);
    assertThat(Json.MAPPER.writeValueAsString(config)).doesNotContain(SECRET);
    assertThat(config.toString()).doesNotContain(SECRET);
    try {
      KINDS.build(config);
    } catch (InvalidInputException e) {
      assertThat(e.getMessage()).doesNotContain(SECRET);
    }
  }

  @Property(tries = 10_000)
  void anyStoredJsonSurvivesEncryptionAndShowsNoSecret(@ForAll("configs") JsonNode json) {
    Assume.that(JsonbValidator.isStorable(json.toString()));
    // Parsed as from the database, so that numbers have the node types of the mapper.
    ProviderConfig config = KINDS.readStored(Json.MAPPER.readTree(json.toString()));
    TestConfigCipher cipher = new TestConfigCipher();

    ProviderConfig encrypted = cipher.encrypt(config, List.of(), Instant.EPOCH);
    assertThat(encrypted.stored().toString()).doesNotContain(SECRET);
    assertThat(encrypted.hasPlaintextSecrets()).isFalse();
    assertThat(encrypted.hasEncryptedSecrets()).isEqualTo(config.hasPlaintextSecrets());
    assertThat(encrypted.toString().replace(",\"updated_at\":\"1970-01-01T00:00:00Z\"", ""))
        .isEqualTo(config.toString());
    ProviderConfig decrypted = cipher.decrypt(encrypted);
    assertThat(decrypted.stored().toString()).isEqualTo(config.stored().toString());
    assertThat(cipher.encrypt(decrypted, List.of(encrypted), Instant.now())).isEqualTo(encrypted);
  }

  private static Optional<ProviderConfig> parse(JsonNode json, Optional<ProviderConfig> stored) {
    try {
      return Optional.of(
          stored.map(it -> KINDS.replace(it, json).config()).orElseGet(() -> KINDS.parse(json)));
    } catch (InvalidInputException e) {
      assertThat(e.errors()).allSatisfy(it -> assertThat(it.field()).startsWith("config"));
      assertThat(e.getMessage()).doesNotContain(SECRET);
      return Optional.empty();
    }
  }

  @Provide
  Arbitrary<JsonNode> configs() {
    Arbitrary<JsonNode> name =
        Arbitraries.of("ollama", "azure", "azure", "Ollama", "").map(JSON::stringNode);
    Arbitrary<JsonNode> url = Arbitraries.oneOf(urls(), urls(), values());
    Arbitrary<JsonNode> sane =
        Combinators.combine(name, url, options())
            .as((kind, base, options) ->
                JSON.objectNode().set("name", kind).set("base_url", base).set("options", options));
    return Arbitraries.frequencyOf(Tuple.of(9, sane), Tuple.of(1, values()));
  }

  private static Arbitrary<JsonNode> options() {
    Arbitrary<String> names =
        Arbitraries.frequencyOf(
            Tuple.of(
                9,
                Arbitraries.of(
                    "deployment",
                    "auth_type",
                    "token",
                    "api_version",
                    "auth_header",
                    "models",
                    "priority",
                    "extra",
                    "nested")),
            Tuple.of(1, Arbitraries.strings().ofMaxLength(5)));
    // The secret occurs only under names that suggest one; elsewhere it is not treated as a secret.
    Arbitrary<JsonNode> known =
        Arbitraries.of("api_key", "bearer", "v1", "a-b", "", "X-Key", "..").map(JSON::stringNode);
    Arbitrary<JsonNode> any = Arbitraries.oneOf(known, known, values());
    return Combinators.combine(
            names.list().ofMaxSize(7), any.list().ofSize(7), Arbitraries.of(true, false))
        .as((keys, values, secret) -> {
          var options = JSON.objectNode();
          for (int i = 0; i < keys.size(); i++) {
            options.set(keys.get(i), values.get(i));
          }
          if (secret) {
            options.put("token", SECRET).put("tokn", SECRET);
            options.putObject("deep").put("api_key", SECRET).put("pasword", SECRET);
          }
          return options;
        });
  }

  private static Arbitrary<JsonNode> urls() {
    Arbitrary<String> host =
        Arbitraries.oneOf(
            Arbitraries.of("localhost", "127.0.0.1", "[::1]", "127.1", "r.openai.azure.com", "a_b"),
            Arbitraries.strings().ascii().ofMaxLength(8),
            Arbitraries.strings().ofMaxLength(4));
    return Combinators.combine(
            Arbitraries.of("http://", "https://", "HTTP://", "ftp://", "//", "", "http:/"),
            Arbitraries.of("", "", "", "u@", "u:" + SECRET + "@"),
            host,
            Arbitraries.of("", ":80", ":0", ":99999", ":x", ":"),
            Arbitraries.of("", "/", "/v1", "/v1/", "/openai", "/%zz", "/a b", "?k=" + SECRET, "#f"))
        .as((scheme, user, name, port, path) ->
            JSON.stringNode(scheme + user + name + port + path));
  }

  private static Arbitrary<JsonNode> values() {
    Arbitrary<JsonNode> scalar =
        Arbitraries.oneOf(
            Arbitraries.strings().ofMaxLength(6).map(JSON::stringNode),
            Arbitraries.of("\0", "\ud800", "\r\n", "a\u2028b").map(JSON::stringNode),
            Arbitraries.integers().map(JSON::numberNode),
            Arbitraries.bigDecimals().map(JSON::numberNode),
            Arbitraries.of("1e5000", "-1e-5000")
                .map(it -> JSON.numberNode(new java.math.BigDecimal(it))),
            Arbitraries.of(true, false).map(JSON::booleanNode),
            Arbitraries.just(JSON.nullNode()));
    return Arbitraries.lazyOf(
        () -> scalar,
        () -> scalar,
        () -> values().list().ofMaxSize(3).map(ProviderConfigPropertyTest::array),
        () ->
            Combinators.combine(
                    Arbitraries.of("set", "hint", "token", "x", "\0", "\ud800"), values())
                .as((name, value) -> JSON.objectNode().set(name, value)));
  }

  private static JsonNode array(List<JsonNode> elements) {
    return JSON.arrayNode().addAll(elements);
  }
}
