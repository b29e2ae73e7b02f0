package dev.agentlab.dialects;

/// The operations of a model.
public enum Operation {
  /// A chat completion, streaming or non-streaming
  /// (https://platform.openai.com/docs/api-reference/chat).
  CHAT,
  /// One embedding vector for each input string
  /// (https://platform.openai.com/docs/api-reference/embeddings).
  EMBEDDINGS
}
