package dev.agentlab.agents;

import dev.agentlab.kinds.ProviderConfig;
import java.util.UUID;

/// Where an agent's calls go.
public sealed interface ProviderReference {

  /// To a provider of the agent's own, its secrets with it.
  record Inline(ProviderConfig config) implements ProviderReference {}

  /// To a registered provider, as it is at the time of the call.
  record Registered(UUID id) implements ProviderReference {}
}
