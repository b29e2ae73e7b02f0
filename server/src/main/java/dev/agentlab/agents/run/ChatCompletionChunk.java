package dev.agentlab.agents.run;

/// OpenAI's `chat.completion.chunk` in the API description. Has no instances, because responses are
/// passed through as bytes.
final class ChatCompletionChunk {
  private ChatCompletionChunk() {}
}
