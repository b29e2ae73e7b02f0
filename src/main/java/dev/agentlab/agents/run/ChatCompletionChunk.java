package dev.agentlab.agents.run;

/// OpenAI's `chat.completion.chunk` as the API description knows it. Answers are passed on as
/// bytes, so there is none of it.
final class ChatCompletionChunk {
  private ChatCompletionChunk() {}
}
