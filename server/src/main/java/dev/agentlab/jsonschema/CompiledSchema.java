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
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.node.ObjectNode;

/// A caller's schema, compiled for one evaluation by networknt's validator.
final class CompiledSchema {
  private static final int MAX_ERRORS = 10;
  private static final String DRAFT_URI = "https://json-schema.org/draft/2020-12/";

  private static final Schema DRAFT_SCHEMA =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
          .getSchema(SchemaLocation.of(DRAFT_URI + "schema"));

  static {
    // Before the deadline of the first evaluation begins.
    DRAFT_SCHEMA.initializeValidators();
  }

  /// The dialects that `$schema` may have.
  private static final List<Dialect> DIALECTS =
      Stream.of(SpecificationVersion.values())
          .map(Specification::getDialect)
          .map(dialect -> Dialect.builder(dialect).keyword(new UniqueItems()).build())
          .toList();

  /// A value for a trial evaluation. Schemas whose evaluation does not end are rarely for a certain
  /// type, so that most of them exceed a limit also with this one.
  private static final String TRIAL_VALUE = "{}";

  private final Schema schema;
  private final Deadline deadline;

  private CompiledSchema(Schema schema, Deadline deadline) {
    this.schema = schema;
    this.deadline = deadline;
  }

  /// @throws InvalidSchemaException if the schema is invalid or too large
  /// @throws LimitExceededException after the timeout
  static void validateSchema(ObjectNode schema, Duration timeout) {
    Deadline deadline = Deadline.after(timeout);
    SchemaSize.validate(schema);
    if (!evaluate(DRAFT_SCHEMA, schema.toString(), deadline).isEmpty()) {
      throw new InvalidSchemaException("must be a JSON Schema (draft 2020-12)");
    }
    compile(schema, deadline).findErrors(TRIAL_VALUE);
  }

  /// Validates a value against a schema and returns the errors; empty if it is valid.
  ///
  /// @throws InvalidSchemaException if the schema cannot be evaluated
  /// @throws LimitExceededException after the timeout
  static Optional<String> findErrors(ObjectNode schema, String json, Duration timeout) {
    return compile(schema, Deadline.after(timeout)).findErrors(json);
  }

  private static CompiledSchema compile(ObjectNode schema, Deadline deadline) {
    try {
      Schema compiled = registry(deadline).getSchema(schema.toString(), InputFormat.JSON);
      compiled.initializeValidators();
      return new CompiledSchema(compiled, deadline);
    } catch (InvalidSchemaException | LimitExceededException e) {
      throw e;
    } catch (SchemaException | JacksonException | IllegalArgumentException e) {
      throw new InvalidSchemaException("must be a valid, self-contained JSON Schema");
    }
  }

  private static SchemaRegistry registry(Deadline deadline) {
    SchemaRegistryConfig config =
        SchemaRegistryConfig.builder()
            .preloadSchema(false)
            .regularExpressionFactory(new SchemaPatterns(deadline))
            .build();
    return SchemaRegistry.withDialects(
        DIALECTS,
        registry ->
            registry
                .defaultDialectId(Dialects.getDraft202012().getId())
                .schemaRegistryConfig(config)
                .schemaLoader(loader -> loader.block(CompiledSchema::isExternal)));
  }

  /// Blocks every address except the draft itself, so that nothing is loaded from the network, the
  /// class path or a file.
  private static boolean isExternal(AbsoluteIri address) {
    return !address.toString().startsWith(DRAFT_URI);
  }

  private Optional<String> findErrors(String json) {
    List<Error> errors;
    try {
      errors = evaluate(schema, json, deadline);
    } catch (LimitExceededException e) {
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

  private static List<Error> evaluate(Schema schema, String json, Deadline deadline) {
    return schema.validate(
        new BoundedEvaluation(schema.createExecutionContext().getExecutionConfig(), deadline),
        json,
        InputFormat.JSON);
  }
}
