package dev.agentlab.agents.run;

/// OpenAI's list of embeddings in the API description. Has no instances, because responses are
/// passed through as bytes.
final class EmbeddingList {
  private EmbeddingList() {}
}
