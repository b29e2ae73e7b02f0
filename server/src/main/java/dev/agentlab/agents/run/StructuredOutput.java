package dev.agentlab.agents.run;

import dev.agentlab.dialects.ModelRequest;
import dev.agentlab.dialects.Operation;
import dev.agentlab.dialects.ProviderJson;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.jsonschema.SchemaValidationException;
import dev.agentlab.jsonschema.SchemaValidator;
import dev.agentlab.modelclient.ModelResponse;
import dev.agentlab.upstream.Cancellation;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Requests responses that must satisfy a JSON Schema (draft 2020-12), and validates them. A
/// response that does not can be sent back to the model once, with its errors.
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

  /// Sends a request until its response satisfies the schema. Blocks.
  ///
  /// @param repairs whether a response with errors is sent back to the model once
  /// @param send sends a request for a `chat.completion`
  /// @throws StructuredOutputException if the last response does not satisfy the schema
  /// @throws SchemaValidationException if a response could not be checked
  ModelResponse complete(
      ModelRequest request, boolean repairs, Function<ModelRequest, ModelResponse> send) {
    ModelResponse first = send.apply(request);
    JsonNode completion = ProviderJson.MAPPER.readTree(first.json());
    Optional<String> errors = findErrors(completion);
    if (errors.isEmpty()) {
      return first;
    }
    if (!repairs) {
      throw new StructuredOutputException(errors.get());
    }
    ModelResponse second = send.apply(repairRequest(request, completion, errors.get()));
    findErrors(ProviderJson.MAPPER.readTree(second.json()))
        .ifPresent(remaining -> {
          throw new StructuredOutputException(remaining);
        });
    return second;
  }

  private Optional<String> findErrors(JsonNode completion) {
    String content = content(completion);
    try {
      ProviderJson.MAPPER.readTree(content);
    } catch (JacksonException e) {
      return Optional.of("the response is not JSON");
    }
    return validator.findErrors(schema, content, cancellation);
  }

  private static ModelRequest repairRequest(
      ModelRequest request, JsonNode completion, String errors) {
    ObjectNode body = request.body().deepCopy();
    ArrayNode messages = body.withArrayProperty("messages");
    messages.addObject().put("role", "assistant").put("content", content(completion));
    messages
        .addObject()
        .put("role", "user")
        .put(
            "content",
            "That does not satisfy the JSON Schema: %s. Answer again with JSON that does, and"
                    .formatted(errors)
                + " nothing else.");
    return ModelRequest.of(Operation.CHAT, body);
  }

  private static String content(JsonNode completion) {
    return completion.path("choices").path(0).path("message").path("content").stringValue("");
  }
}
