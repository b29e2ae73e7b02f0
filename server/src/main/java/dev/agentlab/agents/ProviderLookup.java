package dev.agentlab.agents;

import dev.agentlab.kinds.ResolvedProvider;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// Looks up registered providers. Implemented where the domains are wired together.
public interface ProviderLookup {
  /// The id of the provider with exactly this name; accepts any string.
  Optional<UUID> findId(String name);

  /// The current version of a provider. Only a provider that an older revision of an agent uses can
  /// be missing.
  Optional<ResolvedProvider> resolve(UUID id);

  /// The current version of a provider if it is in memory; does not block.
  Optional<ResolvedProvider> resolveCached(UUID id);

  /// The names of the models that the provider lists or its configuration names, if its list is
  /// known. Does not call the provider.
  Optional<List<String>> listModels(UUID id);

  /// The name of the preferred registered provider that has a model of this name, as far as its
  /// models are known. Does not call providers; empty also if the providers cannot be read.
  Optional<String> findProviderOfModel(String model);
}
