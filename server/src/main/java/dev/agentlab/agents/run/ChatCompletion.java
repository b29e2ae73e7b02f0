package dev.agentlab.agents.run;

/// OpenAI's `chat.completion` in the API description. Has no instances, because responses are
/// passed through as bytes.
final class ChatCompletion {
  private ChatCompletion() {}
}
