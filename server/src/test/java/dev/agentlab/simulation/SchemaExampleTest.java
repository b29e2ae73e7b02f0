package dev.agentlab.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.agentlab.json.Json;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class SchemaExampleTest {
  /// The size of the largest part, and of what is written before the limit applies.
  private static final int MAX_CHARACTERS = 4 << 20;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "true",
        "{}",
        "{'type': 'string', 'minLength': 30}",
        "{'type': 'string', 'maxLength': 2}",
        "{'type': 'string', 'format': 'date-time'}",
        "{'type': 'string', 'format': 'uuid'}",
        "{'type': ['null', 'string']}",
        "{'type': 'integer'}",
        "{'type': 'integer', 'minimum': 7, 'maximum': 9}",
        "{'type': 'integer', 'exclusiveMinimum': 7, 'exclusiveMaximum': 9}",
        "{'type': 'integer', 'minimum': 10, 'multipleOf': 7}",
        "{'type': 'integer', 'maximum': -5}",
        "{'type': 'number', 'minimum': 0.25, 'maximum': 0.75}",
        "{'type': 'number', 'exclusiveMinimum': 0, 'maximum': 1}",
        "{'type': 'number', 'multipleOf': 0.01, 'minimum': 3.333}",
        "{'type': 'number', 'minimum': 0.1, 'maximum': 0.2}",
        "{'type': 'boolean'}",
        "{'type': 'null'}",
        "{'enum': [3, 4]}",
        "{'const': {'a': 1}}",
        "{'type': 'array', 'items': {'type': 'integer'}, 'minItems': 3}",
        "{'type': 'array', 'items': {'type': 'integer'}, 'maxItems': 0}",
        "{'type': 'array', 'prefixItems': [{'type': 'string'}, {'type': 'integer'}]}",
        "{'type': 'object', 'required': ['a', 'b'], 'additionalProperties': false,"
            + " 'properties': {'a': {'type': 'string'}, 'b': {'type': 'array', 'items': {'type':"
            + " 'object', 'required': ['c'], 'properties': {'c': {'enum': ['x']}}}}}}",
        "{'anyOf': [{'type': 'integer', 'minimum': 4}, {'type': 'null'}]}",
        "{'type': 'object', 'properties': {'a': {'type': 'integer'}}, 'oneOf': [{'required':"
            + " ['a']}, {'required': ['b']}]}",
        "{'allOf': [{'type': 'object', 'required': ['a'], 'properties': {'a': {'type': 'boolean'}}},"
            + " {'required': ['b'], 'properties': {'b': {'type': 'number', 'minimum': 2}}}]}",
        "{'$ref': '#/$defs/n', '$defs': {'n': {'type': 'object', 'required': ['v'], 'properties':"
            + " {'v': {'type': 'integer'}, 'next': {'$ref': '#/$defs/n'}, 'all': {'type': 'array',"
            + " 'items': {'$ref': '#/$defs/n'}}}}}}",
        "{'type': 'object', 'properties': {'child': {'$ref': '#'}}}",
      })
  void exampleSatisfiesSchema(String text) {
    JsonNode schema = Json.MAPPER.readTree(text.replace('\'', '"'));

    JsonNode value = SchemaExample.of(schema, "text");

    assertThat(
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(schema)
                .validate(value))
        .as(value.toString())
        .isEmpty();
    assertThat(SchemaExample.of(schema, "text")).isEqualTo(value);
  }

  @Test
  void degenerateSchemaHasExample() {
    for (String endless :
        new String[] {
          "{'$ref': '#'}",
          "{'allOf': [{'$ref': '#'}, {'$ref': '#'}]}",
          "{'type': 'object', 'required': ['a', 'b'], 'properties': {'a': {'$ref': '#'}, 'b':"
              + " {'$ref': '#'}}}",
          "{'type': 'array', 'minItems': 100, 'items': {'$ref': '#'}}",
          "{'multipleOf': 0, 'type': 'number'}",
          "{'type': 'string', 'maxLength': -1}",
          "{'type': 'number', 'minimum': 1e999999, 'multipleOf': 1e-999999}",
        }) {
      assertThat(SchemaExample.of(Json.MAPPER.readTree(endless.replace('\'', '"')), "text"))
          .isNotNull();
    }
  }

  /// The schemas refer to a large part many times: without a limit, 5000 times a megabyte.
  @Test
  void smallSchemaHasNoHugeExample() {
    String large = "x".repeat(1 << 20);
    String names = "'%s'".formatted(String.join("','", names(50_000)));
    String properties =
        names(50_000).stream().map("'%s': true"::formatted).collect(Collectors.joining(","));
    String parts = String.join(",", Collections.nCopies(5_000, "{'$ref': '#/$defs/d'}"));
    for (String huge :
        List.of(
            "{'prefixItems': [%s], 'type': 'array', 'minItems': 100, '$defs': {'d': {'type':"
                + " 'array', 'minItems': 100, 'items': {'const': '%s'}}}}",
            "{'prefixItems': [%s], 'type': 'array', '$defs': {'d': {'type': 'array', 'minItems':"
                + " 100, 'items': {'type': 'array', 'minItems': 100, 'items': {'minLength':"
                + " 10000}}}}, 'title': '%s'}")) {
      assertThat(example(huge.formatted(parts, large)).toString().length())
          .isLessThan(MAX_CHARACTERS);
    }
    JsonNode wide =
        example(
            "{'allOf': [%s], '$defs': {'d': {'required': [%s], 'properties': {%s}}}}"
                .formatted(parts, names, properties));
    assertThat(wide.isObject()).isTrue();
  }

  private static List<String> names(int count) {
    return IntStream.range(0, count).mapToObj("n%d"::formatted).toList();
  }

  private static JsonNode example(String schema) {
    return SchemaExample.of(Json.MAPPER.readTree(schema.replace('\'', '"')), "text");
  }
}
