package dev.agentlab.agents.run;

/// Thrown if a model's response does not satisfy the requested JSON Schema.
public final class StructuredOutputException extends RuntimeException {
  StructuredOutputException(String errors) {
    super("the model's response does not satisfy json_schema: " + errors);
  }
}
