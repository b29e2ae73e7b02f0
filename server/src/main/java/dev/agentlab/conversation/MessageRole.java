package dev.agentlab.conversation;

/// The author of a message.
public enum MessageRole {
  /// Instructions of the operator.
  SYSTEM,
  /// Instructions of the application's developer.
  DEVELOPER,
  /// The user.
  USER,
  /// The model.
  ASSISTANT,
  /// A tool, which returns the result of a call.
  TOOL
}
