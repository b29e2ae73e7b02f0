package dev.agentlab.agents.run;

/// A message of a conversation in the API description. Has no instances, because it is passed
/// through as JSON.
final class ChatMessage {
  private ChatMessage() {}
}
