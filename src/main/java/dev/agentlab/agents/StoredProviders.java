package dev.agentlab.agents;

import java.util.Optional;
import java.util.UUID;

/// What agents need to know of the registered providers. Whoever puts the domains together answers.
@FunctionalInterface
public interface StoredProviders {
  /// The id of the provider that has exactly this name, which may be any text.
  Optional<UUID> idOf(String name);
}
