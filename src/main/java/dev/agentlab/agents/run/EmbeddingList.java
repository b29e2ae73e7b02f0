package dev.agentlab.agents.run;

/// OpenAI's list of embeddings as the API description knows it. Answers are passed on as bytes, so
/// there is none of it.
final class EmbeddingList {
  private EmbeddingList() {}
}
