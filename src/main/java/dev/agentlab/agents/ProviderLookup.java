package dev.agentlab.agents;

import dev.agentlab.kinds.ProviderConfig;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// What agents need to know of the registered providers. Whoever puts the domains together answers.
public interface ProviderLookup {
  /// The id of the provider that has exactly this name, which may be any text.
  Optional<UUID> idOf(String name);

  /// The provider of that id, as it is now. Only one that an older revision of an agent uses may be
  /// missing.
  Optional<Provider> find(UUID id);

  /// The names of the provider's models, if they are known now. Does not ask the provider.
  Optional<List<String>> models(UUID id);

  /// A registered provider with all that calling it needs. Printed it shows no secret.
  ///
  /// @param version another after every change
  record Provider(String name, ProviderConfig config, long version) {}
}
