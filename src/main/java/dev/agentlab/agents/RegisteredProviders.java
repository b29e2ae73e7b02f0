package dev.agentlab.agents;

import dev.agentlab.llm.ProviderConfig;
import java.util.Optional;
import java.util.UUID;

/// What a run needs of a registered provider. Whoever puts the domains together answers.
@FunctionalInterface
public interface RegisteredProviders {
  /// The provider of that id, as it is now. Only one that an older revision of an agent uses may be
  /// missing.
  Optional<Registered> registered(UUID id);

  /// A registered provider.
  record Registered(String name, ProviderConfig config) {}
}
