package dev.agentlab.jsonschema;

import static dev.agentlab.jsonschema.HostileSchemas.TEXT;
import static dev.agentlab.jsonschema.HostileSchemas.doubling;
import static dev.agentlab.jsonschema.HostileSchemas.nested;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.json.Json;
import dev.agentlab.jsonschema.SchemaCheckException.Kind;
import dev.agentlab.upstream.Cancellation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

class SchemaChecksTest {
  private static final Cancellation NEVER = new Cancellation();

  private final SchemaChecks checks = new SchemaChecks();

  /// Fails if an evaluation is still running.
  @AfterEach
  void stop() throws Exception {
    checks.stop(Duration.ofSeconds(20));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      textBlock =
          """
          {"type": "integer", "minimum": 3} ~ 3 ~
          {"type": "integer", "minimum": 3} ~ 2 ~ must have a minimum value of 3
          {"pattern": "^[a-z]{2,5000}$"} ~ "abc" ~
          {"pattern": "^[a-z]{2,5000}$"} ~ "ab\\n" ~ does not match
          {"pattern": "^(?=.*[0-9])\\\\w+$"} ~ "abc1" ~
          {"pattern": "^(a|b)\\\\1$"} ~ "bb" ~
          {"pattern": "^(a|b)\\\\1$"} ~ "ab" ~ does not match
          {"pattern": "^(|x)$"} ~ "" ~
          {"pattern": "^(?![\\\\s\\\\S])"} ~ "" ~
          {"pattern": "[[&&x]"} ~ "[" ~
          {"pattern": "^[^]$"} ~ "[" ~
          {"pattern": "\\\\bword\\\\b"} ~ "a word" ~
          {"uniqueItems": true} ~ [1, 2, "1", [1], {"a": 1, "b": 2}] ~
          {"uniqueItems": true} ~ [1, 1.0] ~ must have only unique items
          {"uniqueItems": true} ~ [{"a": 1, "b": 2}, {"b": 2, "a": 1}] ~ must have only unique items
          {"uniqueItems": false} ~ [1, 1] ~
          {"$schema": "http://json-schema.org/draft-07/schema#", "items": {"type": "null"}} ~ [1] ~ integer found
          {"properties": {"child": {"$ref": "#"}}, "required": ["a"]} ~ {"a": 1, "child": {}} ~ required property 'a'
          {"$ref": "#b", "$defs": {"x": {"$anchor": "b", "type": "null"}}} ~ 1 ~ integer found
          {"$ref": "https://json-schema.org/draft/2020-12/schema"} ~ {"type": 7} ~ does not have a value in the enumeration
          {"unevaluatedProperties": false, "allOf": [{"properties": {"a": true}}]} ~ {"a": 1, "b": 1} ~ 'b'
          """)
  void responsesAreValidatedAgainstTheSchema(String schema, String response, String error) {
    ObjectNode parsed = schema(schema);
    checks.validateSchema(parsed, "it", NEVER);

    Optional<String> errors = checks.findErrors(parsed, response, NEVER);

    if (error == null) {
      assertThat(errors).isEmpty();
    } else {
      assertThat(errors).get().asString().contains(error);
    }
  }

  static Stream<Arguments> invalidSchemaIsRejected() {
    String chain =
        IntStream.range(0, 1_000)
            .mapToObj(i -> "\"d%d\": {\"$ref\": \"#/$defs/d%d\"}".formatted(i, i + 1))
            .collect(Collectors.joining(", ", "{\"$ref\": \"#/$defs/d0\", \"$defs\": {", "}}"));
    String spelled =
        IntStream.range(0, 500)
            .mapToObj(i ->
                "{\"$ref\": \"#/$%s\"}"
                    .formatted(
                        Integer.toBinaryString(1 << 9 | i)
                            .substring(1)
                            .replace("0", "d")
                            .replace("1", "%64")))
            .collect(Collectors.joining(", "));
    return Stream.of(
        Arguments.of("{\"$ref\": \"#\"}", "must not contain a reference cycle"),
        Arguments.of(
            "{\"$ref\": \"#/allOf/0\", \"allOf\": [{\"$ref\": \"#\"}]}", "reference cycle"),
        Arguments.of("{\"anyOf\": [{\"type\": \"null\"}, {\"$ref\": \"#\"}]}", "reference cycle"),
        Arguments.of(
            "{\"$dynamicAnchor\": \"a\", \"not\": {\"$dynamicRef\": \"#a\"}}", "reference cycle"),
        Arguments.of(
            "{\"items\": {\"if\": {\"$ref\": \"#/%s\"}}}".formatted("items"), "reference cycle"),
        Arguments.of(doubling("{\"allOf\": [%1$s, %1$s]}", "{}"), "at most 10000 schemas"),
        Arguments.of(doubling("{\"anyOf\": [%1$s, %1$s]}", "false"), "at most 10000 schemas"),
        Arguments.of(doubling("{\"oneOf\": [%1$s, %1$s]}", "{}"), "at most 10000 schemas"),
        Arguments.of(
            doubling("{\"if\": %1$s, \"then\": %1$s, \"else\": %1$s}", "{}"),
            "at most 10000 schemas"),
        Arguments.of(
            doubling("{\"dependentSchemas\": {\"a\": %1$s, \"b\": %1$s}}", "{}"),
            "at most 10000 schemas"),
        Arguments.of(chain, "nested at most 100 deep"),
        Arguments.of("{\"enum\": [%s1]}".formatted("1, ".repeat(5_000)), "at most 5000 values"),
        Arguments.of("{\"title\": \"%s\"}".formatted("a".repeat(300_000)), "characters long"),
        Arguments.of(
            "{\"allOf\": [%s], \"%s\": {\"enum\": [%s1]}}"
                .formatted(spelled, "$" + "d".repeat(9), "1, ".repeat(1_000)),
            "with all references expanded"),
        Arguments.of("{\"pattern\": \"%s\"}".formatted("a".repeat(2_001)), "self-contained"),
        Arguments.of("{\"pattern\": \"(\"}", "self-contained"),
        Arguments.of("{\"pattern\": \"(?x)a#[\\n(\"}", "self-contained"),
        Arguments.of("{\"pattern\": \"\\\\Q[\\\\E\"}", "self-contained"),
        Arguments.of("{\"type\": 7}", "must be a JSON Schema (draft 2020-12)"),
        Arguments.of("{\"$ref\": \"#/$defs/none\"}", "self-contained"),
        Arguments.of("{\"$ref\": \"file:///etc/passwd\"}", "self-contained"),
        Arguments.of("{\"$ref\": \"classpath:config.toml\"}", "self-contained"),
        Arguments.of(
            "{\"$ref\": \"https://json-schema.org/draft/2020-12/none\"}", "self-contained"),
        Arguments.of("{\"$schema\": \"http://127.0.0.1:1/s\"}", "self-contained"),
        Arguments.of("{\"$id\": \"http://127.0.0.1:1/s\", \"$ref\": \"other\"}", "self-contained"));
  }

  @ParameterizedTest
  @MethodSource
  void invalidSchemaIsRejected(String schema, String message) {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> checks.validateSchema(schema(schema), "it", NEVER))
        .withMessageContaining("it: ")
        .withMessageContaining(message);
  }

  /// Each would run practically without end if it were not stopped.
  static Stream<Arguments> endlessEvaluationIsStopped() {
    return Stream.of(
        Arguments.of(pattern("(.*a){20}b"), TEXT),
        Arguments.of(pattern("^((a|aa)+)+\\1z"), TEXT),
        Arguments.of(pattern("(|)".repeat(60) + "(?!)"), "\"\""),
        Arguments.of(pattern("a$" + "(?:a*)?".repeat(60) + "(?!)"), TEXT.replace("!", "")),
        Arguments.of(pattern("()" + "\\1?".repeat(60) + "(?!)"), "\"a\""),
        Arguments.of(pattern("$?".repeat(60) + "(?!)"), "\"\""),
        Arguments.of(pattern("(?:^{2000000000}){2000000000}(?!)"), "\"a\""),
        Arguments.of(pattern("(?:(?=){2000000000}){2000000000}(?!)"), "\"a\""),
        Arguments.of(
            "{\"propertyNames\": %s}".formatted(pattern("(.*a){20}b")), "{%s: 1}".formatted(TEXT)),
        Arguments.of("{\"patternProperties\": {\"(.*a){20}b\": true}}", "{%s: 1}".formatted(TEXT)),
        Arguments.of(
            doubling("{\"patternProperties\": {\"a\": %1$s, \"a*\": %1$s}}", "{}"), nested(60)),
        Arguments.of(
            doubling(
                "{\"properties\": {\"a\": %1$s}, \"additionalProperties\": %1$s, \"patternProperties\": {\"a\": %1$s}}",
                "{}"),
            nested(60)),
        // In an embedded resource only the evaluation itself detects it.
        Arguments.of(
            "{\"$defs\": {\"a\": {\"$id\": \"urn:a\", \"$ref\": \"#\"}}, \"$ref\": \"urn:a\"}",
            "1"),
        Arguments.of(
            "{\"$defs\": {\"a\": {\"$id\": \"urn:a\"}}, \"allOf\": [%s]}"
                .formatted(doubling("{\"allOf\": [%1$s, %1$s]}", "{}").replace("#/", "#/allOf/0/")),
            "1"),
        // An error for each member and each of many schemas.
        Arguments.of(
            "{\"allOf\": [%1$s{}]}".formatted("{\"additionalProperties\": false}, ".repeat(1_000)),
            IntStream.range(0, 20_000)
                .mapToObj("\"m%d\": 1"::formatted)
                .collect(Collectors.joining(", ", "{", "}"))));
  }

  @ParameterizedTest
  @MethodSource
  void endlessEvaluationIsStopped(String schema, String response) {
    ObjectNode parsed = schema(schema);
    checks.validateSchema(parsed, "it", NEVER);

    assertThatExceptionOfType(SchemaCheckException.class)
        .isThrownBy(() -> checks.findErrors(parsed, response, NEVER))
        .extracting(SchemaCheckException::kind)
        .isEqualTo(Kind.TOO_EXPENSIVE);
  }

  @Test
  void itemsWithHashCollisionsAreCheckedInTime() {
    String items =
        IntStream.range(0, 1 << 14)
            .mapToObj(i ->
                "\"%s\""
                    .formatted(
                        Integer.toBinaryString(1 << 14 | i)
                            .substring(1)
                            .replace("0", "Aa")
                            .replace("1", "BB")))
            .collect(Collectors.joining(", ", "[", "]"));

    assertThat(checks.findErrors(schema("{\"uniqueItems\": true}"), items, NEVER)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{\"$dynamicRef\": \"#none\"}", "{\"items\": {\"$dynamicRef\": \"#none\"}}"})
  void unresolvedReferenceIsNotAnErrorOfTheResponse(String schema) {
    assertThatExceptionOfType(SchemaCheckException.class)
        .isThrownBy(() -> checks.findErrors(schema(schema), "[1]", NEVER))
        .extracting(SchemaCheckException::kind)
        .isEqualTo(Kind.BROKEN);
  }

  @Test
  void cancellationEndsTheCheck() throws Exception {
    Cancellation cancellation = new Cancellation();
    CompletableFuture<Optional<String>> check =
        CompletableFuture.supplyAsync(
            () -> checks.findErrors(schema(pattern("(.*a){20}b")), TEXT, cancellation),
            Thread::startVirtualThread);
    cancellation.cancel();

    assertThat(kind(check)).isEqualTo(Kind.CANCELLED);
  }

  /// All permits are taken by evaluations; one more schema is rejected, and after they have ended
  /// permits are available again.
  @Test
  void schemaIsRejectedWhenAllPermitsAreTaken() throws Exception {
    ObjectNode hostile = schema(pattern("(.*a){20}b"));
    Cancellation all = new Cancellation();
    List<CompletableFuture<Optional<String>>> waiting = new ArrayList<>();
    for (int i = 0; i < SchemaChecks.MAX_EVALUATIONS; i++) {
      waiting.add(
          CompletableFuture.supplyAsync(
              () -> checks.findErrors(hostile, TEXT, all), Thread::startVirtualThread));
    }
    while (checks.availablePermits() > 0) {
      Thread.sleep(1);
    }

    assertThatExceptionOfType(SchemaCheckException.class)
        .isThrownBy(() -> checks.validateSchema(schema("{}"), "it", NEVER))
        .extracting(SchemaCheckException::kind)
        .isEqualTo(Kind.BUSY);

    all.cancel();
    for (CompletableFuture<Optional<String>> one : waiting) {
      assertThat(kind(one)).isIn(Kind.CANCELLED, Kind.TOO_EXPENSIVE);
    }
    while (checks.availablePermits() < SchemaChecks.MAX_EVALUATIONS) {
      Thread.sleep(1);
    }
    checks.validateSchema(schema("{}"), "it", NEVER);
  }

  private static Kind kind(CompletableFuture<?> check) throws InterruptedException {
    try {
      check.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof SchemaCheckException failure) {
        return failure.kind();
      }
    }
    throw new AssertionError("the check completed");
  }

  private static String pattern(String regex) {
    return Json.MAPPER.createObjectNode().put("pattern", regex).toString();
  }

  private static ObjectNode schema(String json) {
    return (ObjectNode) Json.MAPPER.readTree(json);
  }
}
