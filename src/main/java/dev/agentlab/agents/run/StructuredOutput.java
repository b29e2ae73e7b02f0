package dev.agentlab.agents.run;

import dev.agentlab.dialects.ProviderJson;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.jsonschema.SchemaCheckException;
import dev.agentlab.jsonschema.SchemaChecks;
import dev.agentlab.upstream.Cancellation;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Requests and validates responses that must satisfy a JSON Schema (draft 2020-12).
final class StructuredOutput {
  private final ObjectNode schema;
  private final SchemaChecks checks;
  private final Cancellation cancellation;

  /// @param cancellation cancels the checks, which then throw
  /// @throws InvalidInputException if the schema cannot be used for validation
  /// @throws SchemaCheckException if the schema could not be checked
  StructuredOutput(ObjectNode schema, SchemaChecks checks, Cancellation cancellation) {
    checks.validateSchema(schema, "json_schema", cancellation);
    this.schema = schema;
    this.checks = checks;
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
  /// @throws SchemaCheckException if the response could not be checked
  Optional<String> validate(JsonNode completion) {
    String content = content(completion);
    try {
      ProviderJson.MAPPER.readTree(content);
    } catch (JacksonException e) {
      return Optional.of("the response is not JSON");
    }
    return checks.findErrors(schema, content, cancellation);
  }

  static String content(JsonNode completion) {
    return completion.path("choices").path(0).path("message").path("content").stringValue("");
  }
}
