package dev.agentlab.routing;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// Looks up what the targets of routes call: registered providers and agents. Implemented where the
/// domains are wired together.
public interface TargetLookup {
  /// The id of the provider with exactly this name; accepts any string.
  Optional<UUID> findProviderId(String name);

  /// The names of the providers with these ids that exist.
  Map<UUID, String> providerNames(Set<UUID> ids);

  /// The id of the agent with exactly this name; accepts any string.
  Optional<UUID> findAgentId(String name);

  /// The names of the agents with these ids that exist.
  Map<UUID, String> agentNames(Set<UUID> ids);

  /// The names of the models that a provider lists or its configuration names, if its list is
  /// known. Does not call the provider.
  Optional<List<String>> listModels(UUID provider);

  /// The name of the preferred registered provider that has a model of this name, as far as its
  /// models are known. Does not call providers; empty also if the providers cannot be read.
  Optional<String> findProviderOfModel(String model);
}
