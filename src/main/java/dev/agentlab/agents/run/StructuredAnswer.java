package dev.agentlab.agents.run;

import com.networknt.schema.AbsoluteIri;
import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaException;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.wire.WireJson;
import java.util.List;
import java.util.Optional;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// An answer that is to be JSON of a schema (draft 2020-12): asked for, and checked.
final class StructuredAnswer {
  private static final int MOST_FAULTS = 10;
  private static final String DRAFT = "https://json-schema.org/draft/2020-12/";

  private static final Schema DRAFT_SCHEMA =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
          .getSchema(SchemaLocation.of(DRAFT + "schema"));

  private final Schema schema;

  /// @throws InvalidInputException if that is no JSON Schema, or one that refers to others
  StructuredAnswer(ObjectNode schema) {
    if (!DRAFT_SCHEMA.validate(schema).isEmpty()) {
      throw new InvalidInputException("json_schema", "must be a JSON Schema (draft 2020-12)");
    }
    try {
      this.schema =
          SchemaRegistry.withDefaultDialect(
                  SpecificationVersion.DRAFT_2020_12,
                  registry ->
                      registry.schemaLoader(loader -> loader.block(StructuredAnswer::isElsewhere)))
              .getSchema(schema.toString(), InputFormat.JSON);
      this.schema.initializeValidators();
    } catch (SchemaException | JacksonException | PatternSyntaxException e) {
      throw new InvalidInputException("json_schema", "must be a JSON Schema that stands by itself");
    }
  }

  /// Nothing is fetched, neither from the network nor from the class path or a file, but for the
  /// draft itself.
  private static boolean isElsewhere(AbsoluteIri address) {
    return !address.toString().startsWith(DRAFT);
  }

  /// The `response_format` that asks for it.
  static ObjectNode format(ObjectNode schema) {
    ObjectNode format = JsonNodeFactory.instance.objectNode().put("type", "json_schema");
    format.putObject("json_schema").put("name", "answer").set("schema", schema);
    return format;
  }

  /// What is wrong with an answer; empty if nothing.
  ///
  /// @param completion a `chat.completion`
  Optional<String> faults(JsonNode completion) {
    String content = content(completion);
    try {
      WireJson.MAPPER.readTree(content);
    } catch (JacksonException e) {
      return Optional.of("the answer is not JSON");
    }
    List<Error> errors = schema.validate(content, InputFormat.JSON);
    return errors.isEmpty()
        ? Optional.empty()
        : Optional.of(
            errors.stream()
                .limit(MOST_FAULTS)
                .map(error -> error.getInstanceLocation() + " " + error.getMessage())
                .map(String::strip)
                .collect(Collectors.joining("; ")));
  }

  static String content(JsonNode completion) {
    return completion.path("choices").path(0).path("message").path("content").stringValue("");
  }
}
