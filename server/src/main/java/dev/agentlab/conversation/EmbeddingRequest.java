package dev.agentlab.conversation;

import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// A request for the embeddings of texts, in neutral form.
///
/// @param model the name of the model; not empty
/// @param texts the texts; not empty
/// @param dimensions the requested number of dimensions
/// @param user the end user, to detect abuse
/// @param unread the members of the request without a neutral form
public record EmbeddingRequest(
    Member<String> model,
    Member<List<String>> texts,
    Optional<Member<JsonNode>> dimensions,
    Optional<Member<JsonNode>> user,
    UnreadMembers unread) {
  public EmbeddingRequest {
    texts = new Member<>(texts.path(), List.copyOf(texts.value()));
  }
}
