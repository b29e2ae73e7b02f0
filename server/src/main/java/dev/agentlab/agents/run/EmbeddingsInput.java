package dev.agentlab.agents.run;

/// The input of an embeddings request in the API description. Has no instances, because it is
/// passed through as JSON.
final class EmbeddingsInput {
  private EmbeddingsInput() {}
}
