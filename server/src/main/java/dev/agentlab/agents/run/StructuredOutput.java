package dev.agentlab.agents.run;

import dev.agentlab.dialects.ProviderJson;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.jsonschema.SchemaValidationException;
import dev.agentlab.jsonschema.SchemaValidator;
import dev.agentlab.upstream.Cancellation;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Requests and validates responses that must satisfy a JSON Schema (draft 2020-12).
final class StructuredOutput {
  private final ObjectNode schema;
  private final SchemaValidator validator;
  private final Cancellation cancellation;

  /// @param cancellation cancels validations, which then throw
  /// @throws InvalidInputException if the schema cannot be used for validation
  /// @throws SchemaValidationException if the schema could not be checked
  StructuredOutput(ObjectNode schema, SchemaValidator validator, Cancellation cancellation) {
    validator.validateSchema(schema, "json_schema", cancellation);
    this.schema = schema;
    this.validator = validator;
    this.cancellation = cancellation;
  }

  /// The `response_format` that requests this schema.
  static ObjectNode responseFormat(ObjectNode schema) {
    ObjectNode format = JsonNodeFactory.instance.objectNode().put("type", "json_schema");
    format.putObject("json_schema").put("name", "answer").set("schema", schema);
    return format;
  }

  /// Validates a response and returns its errors; empty if there are none.
  ///
  /// @param completion a `chat.completion`
  /// @throws SchemaValidationException if the response could not be checked
  Optional<String> validate(JsonNode completion) {
    String content = content(completion);
    try {
      ProviderJson.MAPPER.readTree(content);
    } catch (JacksonException e) {
      return Optional.of("the response is not JSON");
    }
    return validator.findErrors(schema, content, cancellation);
  }

  static String content(JsonNode completion) {
    return completion.path("choices").path(0).path("message").path("content").stringValue("");
  }
}
