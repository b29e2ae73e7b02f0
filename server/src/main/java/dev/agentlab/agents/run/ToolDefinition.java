package dev.agentlab.agents.run;

/// A function that a model may call, in the API description. Has no instances, because it is passed
/// through as JSON.
final class ToolDefinition {
  private ToolDefinition() {}
}
