package dev.agentlab.jsonschema;

import static dev.agentlab.jsonschema.HostileSchemas.SLOW_SCHEMA;
import static dev.agentlab.jsonschema.HostileSchemas.SLOW_TEXT;
import static dev.agentlab.jsonschema.HostileSchemas.TEXT;
import static dev.agentlab.jsonschema.HostileSchemas.doubling;
import static dev.agentlab.jsonschema.HostileSchemas.nested;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.json.Json;
import dev.agentlab.jsonschema.SchemaValidationException.Kind;
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

class SchemaValidatorTest {
  private static final Cancellation NEVER = new Cancellation();

  private final SchemaValidator validator = new SchemaValidator();

  /// Fails if an evaluation is still running.
  @AfterEach
  void stop() throws Exception {
    validator.stop(Duration.ofSeconds(20));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      textBlock =
          """
          {"type": "integer", "minimum": 3} ~ 3 ~
          {"type": "integer", "minimum": 3} ~ 2 ~ must have a minimum value of 3
          {"pattern": "^[a-z]{2,1000}$"} ~ "abc" ~
          {"pattern": "^[a-z]{2,1000}$"} ~ "ab\\n" ~ does not match
          {"pattern": "^(|x)$"} ~ "" ~
          {"pattern": "[[&&x]"} ~ "[" ~
          {"pattern": "^[\\\\u4e00-\\\\u9fa5]+$"} ~ "\\u4e2d\\u56fd" ~
          {"pattern": "^\\\\\\\\u4e00$"} ~ "\\\\u4e00" ~
          {"pattern": "^\\\\p{Letter}+\\\\/\\\\-$"} ~ "ä/-" ~
          {"pattern": "^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}){1,10}$"} ~ "0" ~ does not match
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
    validator.validateSchema(parsed, "it", NEVER);

    Optional<String> errors = validator.findErrors(parsed, response, NEVER);

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
            .collect(
                Collectors.joining(
                    ", ", "{\"$ref\": \"#/$defs/d0\", \"$defs\": {", ", \"d1000\": {}}}"));
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
        Arguments.of("{\"$ref\": \"#\"}", "refers to itself without end"),
        Arguments.of(
            "{\"$ref\": \"#/allOf/0\", \"allOf\": [{\"$ref\": \"#\"}]}", "refers to itself"),
        Arguments.of("{\"anyOf\": [{\"type\": \"null\"}, {\"$ref\": \"#\"}]}", "refers to itself"),
        Arguments.of(
            "{\"$dynamicAnchor\": \"a\", \"not\": {\"$dynamicRef\": \"#a\"}}", "refers to itself"),
        Arguments.of(
            "{\"$defs\": {\"a\": {\"$id\": \"urn:a\", \"$ref\": \"#\"}}, \"$ref\": \"urn:a\"}",
            "refers to itself"),
        Arguments.of(doubling("{\"allOf\": [%1$s, %1$s]}", "{}"), "too expensive"),
        Arguments.of(
            "{\"$defs\": {\"a\": {\"$id\": \"urn:a\"}}, \"allOf\": [%s]}"
                .formatted(doubling("{\"allOf\": [%1$s, %1$s]}", "{}").replace("#/", "#/allOf/0/")),
            "too expensive"),
        Arguments.of(doubling("{\"anyOf\": [%1$s, %1$s]}", "false"), "too expensive"),
        Arguments.of(doubling("{\"oneOf\": [%1$s, %1$s]}", "{}"), "too expensive"),
        Arguments.of(
            doubling("{\"if\": %1$s, \"then\": %1$s, \"else\": %1$s}", "{}"), "too expensive"),
        Arguments.of(chain, "too expensive"),
        Arguments.of("{\"enum\": [%s1]}".formatted("1, ".repeat(5_000)), "at most 5000 values"),
        Arguments.of("{\"title\": \"%s\"}".formatted("a".repeat(300_000)), "characters long"),
        Arguments.of(
            "{\"allOf\": [%s], \"%s\": {\"enum\": [%s1]}}"
                .formatted(spelled, "$" + "d".repeat(9), "1, ".repeat(1_000)),
            "with all references expanded"),
        Arguments.of(pattern("a".repeat(2_001)), "at most 2000 characters"),
        Arguments.of(pattern("a{1001}"), "invalid repeat count"),
        Arguments.of(pattern("((a{1000}){1000}){1000}"), "with all repetitions expanded"),
        Arguments.of(pattern("(a{1000}(?i){1000}){1000}"), "with all repetitions expanded"),
        Arguments.of(pattern("(?:^{2000000000}){2000000000}"), "with all repetitions expanded"),
        Arguments.of(
            "{\"allOf\": [%s{}]}".formatted((pattern("(ab){999}") + ", ").repeat(60)),
            "with all repetitions expanded"),
        Arguments.of("{\"patternProperties\": {\"(?<=a)\": true}}", "was \"(?<=a)\""),
        Arguments.of(pattern("^(?=.*[0-9])\\w+$"), "no look-around and no back-references"),
        Arguments.of(pattern("^(a|b)\\1$"), "no look-around and no back-references"),
        Arguments.of(pattern("("), "missing closing )"),
        Arguments.of(pattern("(?x)a#[\n("), "patterns of RE2"),
        Arguments.of(pattern("\\Q[\\E"), "patterns of RE2"),
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
        .isThrownBy(() -> validator.validateSchema(schema(schema), "it", NEVER))
        .withMessageContaining("it: ")
        .withMessageContaining(message);
  }

  /// Each would take practically unlimited time with an engine that backtracks.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "(.*a){20}b",
        "^((a|aa)+)+z",
        "^(([a-z])+.)+[A-Z]([a-z])+$",
        "(|a|aa){60}z",
        "(a?){60}z"
      })
  void patternsDoNotBacktrack(String regex) {
    for (String schema :
        List.of(pattern(regex), "{\"propertyNames\": %s}".formatted(pattern(regex)))) {
      String response = schema.startsWith("{\"pattern\"") ? TEXT : "{%s: 1}".formatted(TEXT);

      assertThat(validator.findErrors(schema(schema), response, NEVER))
          .get()
          .asString()
          .contains("does not match");
    }
  }

  /// Each would run for minutes or practically without end if it were not stopped.
  static Stream<Arguments> endlessEvaluationIsStopped() {
    return Stream.of(
        Arguments.of(SLOW_SCHEMA, SLOW_TEXT),
        Arguments.of(
            "{\"patternProperties\": {%s}, \"additionalProperties\": true}"
                .formatted(
                    IntStream.range(0, 500)
                        .mapToObj("\".%d$\": true"::formatted)
                        .collect(Collectors.joining(", "))),
            members(90_000)),
        Arguments.of(
            doubling("{\"dependentSchemas\": {\"a\": %1$s, \"b\": %1$s}}", "{}"),
            "{\"a\": 1, \"b\": 1}"),
        Arguments.of("{\"items\": {\"if\": {\"$ref\": \"#/items\"}}}", "[1]"),
        Arguments.of(
            doubling("{\"patternProperties\": {\"a\": %1$s, \"a*\": %1$s}}", "{}"), nested(60)),
        Arguments.of(
            doubling(
                "{\"properties\": {\"a\": %1$s}, \"additionalProperties\": %1$s, \"patternProperties\": {\"a\": %1$s}}",
                "{}"),
            nested(60)),
        Arguments.of(
            "{\"allOf\": [%s{}]}".formatted("{\"uniqueItems\": true}, ".repeat(2_000)),
            collidingItems(14)),
        // An error for each member and each of many schemas.
        Arguments.of(
            "{\"allOf\": [%1$s{}]}".formatted("{\"additionalProperties\": false}, ".repeat(1_000)),
            members(20_000)),
        Arguments.of("{}", "\"%s\"".formatted("a".repeat(SchemaValidator.MAX_RESPONSE_LENGTH))));
  }

  @ParameterizedTest
  @MethodSource
  void endlessEvaluationIsStopped(String schema, String response) {
    ObjectNode parsed = schema(schema);
    validator.validateSchema(parsed, "it", NEVER);

    assertThatExceptionOfType(SchemaValidationException.class)
        .isThrownBy(() -> validator.findErrors(parsed, response, NEVER))
        .extracting(SchemaValidationException::kind)
        .isEqualTo(Kind.TOO_EXPENSIVE);
  }

  @Test
  void itemsWithHashCollisionsAreCheckedInTime() {
    assertThat(validator.findErrors(schema("{\"uniqueItems\": true}"), collidingItems(14), NEVER))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{\"$dynamicRef\": \"#none\"}", "{\"items\": {\"$dynamicRef\": \"#none\"}}"})
  void unresolvedReferenceIsNotAnErrorOfTheResponse(String schema) {
    assertThatExceptionOfType(SchemaValidationException.class)
        .isThrownBy(() -> validator.findErrors(schema(schema), "[1]", NEVER))
        .extracting(SchemaValidationException::kind)
        .isEqualTo(Kind.BROKEN);
  }

  @Test
  void cancellationEndsTheCheck() throws Exception {
    Cancellation cancellation = new Cancellation();
    CompletableFuture<Optional<String>> check =
        CompletableFuture.supplyAsync(
            () -> validator.findErrors(schema(SLOW_SCHEMA), SLOW_TEXT, cancellation),
            Thread::startVirtualThread);
    cancellation.cancel();

    assertThat(kind(check)).isEqualTo(Kind.CANCELLED);
  }

  /// All permits are taken by evaluations; one more schema is rejected, and after they have ended
  /// permits are available again.
  @Test
  void schemaIsRejectedWhenAllPermitsAreTaken() throws Exception {
    ObjectNode hostile = schema(SLOW_SCHEMA);
    Cancellation all = new Cancellation();
    List<CompletableFuture<Optional<String>>> waiting = new ArrayList<>();
    for (int i = 0; i < SchemaValidator.MAX_EVALUATIONS; i++) {
      waiting.add(
          CompletableFuture.supplyAsync(
              () -> validator.findErrors(hostile, SLOW_TEXT, all), Thread::startVirtualThread));
    }
    while (validator.availablePermits() > 0) {
      Thread.sleep(1);
    }

    assertThatExceptionOfType(SchemaValidationException.class)
        .isThrownBy(() -> validator.validateSchema(schema("{}"), "it", NEVER))
        .extracting(SchemaValidationException::kind)
        .isEqualTo(Kind.BUSY);

    all.cancel();
    for (CompletableFuture<Optional<String>> one : waiting) {
      assertThat(kind(one)).isIn(Kind.CANCELLED, Kind.TOO_EXPENSIVE);
    }
    while (validator.availablePermits() < SchemaValidator.MAX_EVALUATIONS) {
      Thread.sleep(1);
    }
    validator.validateSchema(schema("{}"), "it", NEVER);
  }

  private static String members(int count) {
    return IntStream.range(0, count)
        .mapToObj("\"m%d\": 1"::formatted)
        .collect(Collectors.joining(", ", "{", "}"));
  }

  /// Different strings with the same hash.
  private static String collidingItems(int bits) {
    return IntStream.range(0, 1 << bits)
        .mapToObj(i ->
            "\"%s\""
                .formatted(
                    Integer.toBinaryString(1 << bits | i)
                        .substring(1)
                        .replace("0", "Aa")
                        .replace("1", "BB")))
        .collect(Collectors.joining(", ", "[", "]"));
  }

  private static Kind kind(CompletableFuture<?> check) throws InterruptedException {
    try {
      check.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof SchemaValidationException failure) {
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
