package dev.agentlab.conversation;

/// Why a model ended a response.
public enum FinishReason {
  /// The response is complete, or a stop sequence occurred.
  STOP,
  /// A limit on the number of tokens was reached.
  LENGTH,
  /// The model calls tools and waits for their results.
  TOOL_CALLS,
  /// The model refused, or content was withheld.
  CONTENT_FILTER,
  /// A reason without a neutral form.
  OTHER
}
