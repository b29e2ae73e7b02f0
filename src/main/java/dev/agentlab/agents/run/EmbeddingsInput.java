package dev.agentlab.agents.run;

/// What embeddings are made of as the API description knows it. It is passed on as JSON, so there
/// is none of it.
final class EmbeddingsInput {
  private EmbeddingsInput() {}
}
