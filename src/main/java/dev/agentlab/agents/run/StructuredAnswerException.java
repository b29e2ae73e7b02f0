package dev.agentlab.agents.run;

/// A model's answer is not the JSON that was asked for.
public final class StructuredAnswerException extends RuntimeException {
  StructuredAnswerException(String faults) {
    super("the model's answer does not satisfy json_schema: " + faults);
  }
}
