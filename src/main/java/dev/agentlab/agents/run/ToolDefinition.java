package dev.agentlab.agents.run;

/// A function that a model may call as the API description knows it. It is passed on as JSON, so
/// there is none of it.
final class ToolDefinition {
  private ToolDefinition() {}
}
