package dev.agentlab.jsonschema;

import com.networknt.schema.AbsoluteIri;
import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaException;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.Specification;
import com.networknt.schema.SpecificationVersion;
import com.networknt.schema.dialect.Dialect;
import com.networknt.schema.dialect.Dialects;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.node.ObjectNode;

/// A caller's schema, compiled by the validator. Its methods require a current [Deadline].
final class CompiledSchema {
  private static final int MAX_ERRORS = 10;
  private static final String DRAFT_URI = "https://json-schema.org/draft/2020-12/";

  private static final Schema DRAFT_SCHEMA =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
          .getSchema(SchemaLocation.of(DRAFT_URI + "schema"));

  /// The dialects that `$schema` may have.
  private static final List<Dialect> DIALECTS =
      Stream.of(SpecificationVersion.values())
          .map(Specification::getDialect)
          .map(dialect -> Dialect.builder(dialect).keyword(new UniqueItems()).build())
          .toList();

  private static final SchemaRegistryConfig CONFIG =
      SchemaRegistryConfig.builder()
          .preloadSchema(false)
          .regularExpressionFactory(BoundedPattern::new)
          .build();

  private final Schema schema;

  private CompiledSchema(Schema schema) {
    this.schema = schema;
  }

  /// @throws UnfitSchemaException if the schema is invalid or exceeds a limit
  static void validateSchema(ObjectNode schema) {
    SchemaComplexity.validate(schema);
    if (!evaluate(DRAFT_SCHEMA, schema.toString()).isEmpty()) {
      throw new InvalidSchemaException("must be a JSON Schema (draft 2020-12)");
    }
    compile(schema);
  }

  /// @throws UnfitSchemaException if the schema does not compile or refers to other documents
  static CompiledSchema compile(ObjectNode schema) {
    try {
      Schema compiled = registry().getSchema(schema.toString(), InputFormat.JSON);
      compiled.initializeValidators();
      return new CompiledSchema(compiled);
    } catch (StoppedException e) {
      throw e;
    } catch (SchemaException | JacksonException | IllegalArgumentException e) {
      throw new InvalidSchemaException("must be a valid, self-contained JSON Schema");
    }
  }

  private static SchemaRegistry registry() {
    return SchemaRegistry.withDialects(
        DIALECTS,
        registry ->
            registry
                .defaultDialectId(Dialects.getDraft202012().getId())
                .schemaRegistryConfig(CONFIG)
                .schemaLoader(loader -> loader.block(CompiledSchema::isExternal)));
  }

  /// Blocks every address except the draft itself, so that nothing is loaded from the network, the
  /// class path or a file.
  private static boolean isExternal(AbsoluteIri address) {
    return !address.toString().startsWith(DRAFT_URI);
  }

  Optional<String> findErrors(String json) {
    List<Error> errors;
    try {
      errors = evaluate(schema, json);
    } catch (StoppedException e) {
      throw e;
    } catch (SchemaException e) {
      throw new InvalidSchemaException("must be a valid, self-contained JSON Schema");
    }
    return errors.isEmpty()
        ? Optional.empty()
        : Optional.of(
            errors.stream()
                .limit(MAX_ERRORS)
                .map(error -> error.getInstanceLocation() + " " + error.getMessage())
                .map(String::strip)
                .collect(Collectors.joining("; ")));
  }

  private static List<Error> evaluate(Schema schema, String json) {
    return schema.validate(
        new BoundedEvaluation(schema.createExecutionContext().getExecutionConfig()),
        json,
        InputFormat.JSON);
  }
}
