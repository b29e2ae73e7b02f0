package dev.agentlab.dialects;

/// What a model is asked for.
public enum Operation {
  /// The next message of a conversation, streamed or whole
  /// (https://platform.openai.com/docs/api-reference/chat).
  CHAT,
  /// A vector for each text (https://platform.openai.com/docs/api-reference/embeddings).
  EMBEDDINGS
}
