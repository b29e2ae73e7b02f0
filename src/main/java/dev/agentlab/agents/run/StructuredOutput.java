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

/// An answer that is to be JSON of a schema (draft 2020-12): asked for, and checked.
final class StructuredOutput {
  private final ObjectNode schema;
  private final SchemaChecks checks;
  private final Cancellation cancellation;

  /// @param cancellation ends the checks, which then fail
  /// @throws InvalidInputException if answers cannot be held to that schema
  /// @throws SchemaCheckException if that could not be found out now
  StructuredOutput(ObjectNode schema, SchemaChecks checks, Cancellation cancellation) {
    checks.requireFit(schema, "json_schema", cancellation);
    this.schema = schema;
    this.checks = checks;
    this.cancellation = cancellation;
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
  /// @throws SchemaCheckException if that could not be found out
  Optional<String> faults(JsonNode completion) {
    String content = content(completion);
    try {
      ProviderJson.MAPPER.readTree(content);
    } catch (JacksonException e) {
      return Optional.of("the answer is not JSON");
    }
    return checks.faults(schema, content, cancellation);
  }

  static String content(JsonNode completion) {
    return completion.path("choices").path(0).path("message").path("content").stringValue("");
  }
}
