package dev.agentlab.llm;

import dev.agentlab.upstream.Origin;
import java.net.URI;
import java.util.Locale;
import java.util.Optional;

/// A provider ready to be called: where each kind of call goes and what proves who calls.
///
/// @param chat takes chat completions
/// @param embeddings takes embeddings; empty for a provider that has none
/// @param models lists what the provider can run
/// @param credential sent with every call; empty for a provider that asks for none
public record LlmProvider(
    ProviderKind kind,
    URI chat,
    Optional<URI> embeddings,
    URI models,
    Optional<Credential> credential) {

  /// Whether a credential meant for the other provider would reach the same place in the same way:
  /// scheme, host, port, header field and scheme of authentication are equal.
  boolean isSameDestination(LlmProvider other) {
    return Origin.of(chat).equals(Origin.of(other.chat))
        && Origin.of(models).equals(Origin.of(other.models))
        && field().equals(other.field());
  }

  private Optional<String> field() {
    return credential.map(it -> it.header().toLowerCase(Locale.ROOT) + ":" + it.scheme());
  }
}
