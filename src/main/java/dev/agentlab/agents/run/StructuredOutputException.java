package dev.agentlab.agents.run;

/// A model's answer is not the JSON that was asked for.
public final class StructuredOutputException extends RuntimeException {
  StructuredOutputException(String faults) {
    super("the model's answer does not satisfy json_schema: " + faults);
  }
}
