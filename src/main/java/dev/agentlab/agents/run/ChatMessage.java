package dev.agentlab.agents.run;

/// A message of a conversation as the API description knows it. It is passed on as JSON, so there
/// is none of it.
final class ChatMessage {
  private ChatMessage() {}
}
